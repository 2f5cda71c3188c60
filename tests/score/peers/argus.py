"""Argus's state of a flow: REQ, ACC, CON, CLO, FIN, RST; the last record of a flow counts."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from .claims import NOTHING, OVER, PeerClaim, both

MEANINGS = {
    "REQ": (frozenset({"SYN_SENT"}), NOTHING),
    "ACC": (NOTHING, frozenset({"SYN_RECV"})),
    "CON": both({"ESTABLISHED"}),
    "CLO": both(OVER),
    "FIN": both(OVER),
    "RST": both({"CLOSED"}),
}
FIELDS = ("stime", "saddr", "sport", "daddr", "dport", "state")


def claims(capture: Path) -> list[PeerClaim]:
    """The last word on each flow; its beginning is that of its first record."""
    with tempfile.TemporaryDirectory() as folder:
        records = Path(folder, "argus")
        subprocess.run(
            ["argus", "-F", "/dev/null", "-r", str(capture), "-w", str(records)],
            check=True,
            capture_output=True,
        )
        command = [
            "ra",
            "-F",
            "/dev/null",
            "-n",
            "-u",
            "-c",
            ",",
            "-r",
            str(records),
            "-s",
            *FIELDS,
            "-",
            "tcp",
        ]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [claim for line in told.splitlines()[1:] if (claim := _claim(line))]


def _claim(line: str) -> PeerClaim | None:
    time_s, host, port, to_host, to_port, word = (part.strip() for part in line.split(","))
    if word not in MEANINGS or not port.isdigit() or not to_port.isdigit():
        return None
    first_ns = int(float(time_s) * 1_000_000) * 1000
    return PeerClaim((host, int(port)), (to_host, int(to_port)), first_ns, word, MEANINGS[word])
