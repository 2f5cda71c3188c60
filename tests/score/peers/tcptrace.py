"""tcptrace's "complete conn": both SYNs and both FINs were seen and acknowledged, or a reset was."""

from __future__ import annotations

import re
import subprocess
from datetime import datetime
from pathlib import Path

from .claims import NOTHING, OVER, PeerClaim, both

_CONNECTION = re.compile(
    r"host \S+:\s+(\S+):(\d+)\n\s+host \S+:\s+(\S+):(\d+)\n\s+complete conn: (.*)\n\s+first packet:\s+(.*)\n"
)
_COUNTS = re.compile(r"SYNs: (\d+)\)\s+\(FINs: (\d+)")


def claims(capture: Path) -> list[PeerClaim]:
    """The word of each connection."""
    told = subprocess.run(
        ["tcptrace", "-n", "-l", str(capture)], check=True, capture_output=True, text=True
    ).stdout
    found = []
    for host, port, to_host, to_port, word, first in _CONNECTION.findall(told):
        when = datetime.strptime(first.strip(), "%a %b %d %H:%M:%S.%f %Y")
        first_ns = int(when.timestamp()) * 10**9 + when.microsecond * 1000
        found.append(PeerClaim((host, int(port)), (to_host, int(to_port)), first_ns, word, meaning(word)))
    return found


def meaning(word: str) -> tuple[frozenset[str], frozenset[str]]:
    """``yes``, ``RESET`` or ``no`` with the SYNs and FINs it saw; one FIN alone it does not judge."""
    if word.startswith("yes"):
        return both(OVER)
    if word.startswith("RESET"):
        return both({"CLOSED"})
    counts = _COUNTS.search(word)
    if counts and counts[2] == "0":
        if counts[1] == "2":
            return both({"ESTABLISHED"})
        if counts[1] == "1":
            return frozenset({"SYN_SENT"}), NOTHING
    return NOTHING, NOTHING
