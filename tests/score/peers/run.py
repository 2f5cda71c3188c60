"""All captures of one tap as one, since a tool takes longer to start than to read them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.lab import pcap

from ..truth import TAPS
from . import argus, tcptrace, tshark
from .claims import Claims, PeerClaim

Reader = Callable[[Path], list[PeerClaim]]
PEERS: dict[str, tuple[Reader, tuple[str, ...]]] = {
    "tshark": (tshark.claims, ("tshark",)),
    "tcptrace": (tcptrace.claims, ("tcptrace",)),
    "argus": (argus.claims, ("argus", "ra")),
}
"""Each tool with the commands that it needs."""


def run(cases: list[Path]) -> dict[str, dict[str, Claims]]:
    """For each tool that is installed, its claims at each tap. Every case has addresses of its own."""
    present = {name: reader for name, (reader, needs) in PEERS.items() if all(map(shutil.which, needs))}
    found: dict[str, dict[str, Claims]] = {name: {} for name in present}
    with tempfile.TemporaryDirectory() as folder:
        for tap in TAPS:
            capture = Path(folder, f"{tap}.pcap")
            pcap.write(capture, [record for case in cases for record in pcap.read(case / f"{tap}.pcap")])
            for name, reader in present.items():
                found[name][tap] = Claims(tuple(reader(capture)))
    return found
