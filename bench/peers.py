"""The programs that are compared, each doing with a capture what comes nearest to the main job."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from shutil import which

from bench.contest import Contestant

WIRESTAT = Path(sys.executable).with_name("wirestat")
MAIN_JOB = "wirestat --summary"

_SCAPY = """
import io, sys
from scapy.layers import all
from scapy.utils import PcapReader
with open(sys.argv[1], "rb") as file:
    for packet in PcapReader(io.BytesIO(file.read(int(sys.argv[2])))):
        pass
"""
_SCAPY_BYTES = 4_000_000


def main_job(capture: Path, out: Path) -> Contestant:
    """Return the main job: the states of all connections, judged, in numbers, as JSON in a file."""
    return wirestat(MAIN_JOB, capture, out, "--summary")


def wirestat(name: str, capture: Path, out: Path, *options: str, format: str = "json") -> Contestant:
    """Return ``wirestat analyze`` with the options given."""
    return Contestant(name, [WIRESTAT, "analyze", "--format", format, "-o", out, *options, capture])


def cat(capture: Path) -> Contestant:
    """Return the least that anyone can do with a file."""
    return Contestant("cat", ["cat", capture])


def peers(capture: Path) -> Iterator[Contestant]:
    """Yield those that are installed."""
    commands: dict[str, list[str | Path]] = {
        "tshark -n -q -z conv,tcp": ["tshark", "-n", "-q", "-z", "conv,tcp", "-r", capture],
        "tcptrace -n": ["tcptrace", "-n", capture],
        "argus": ["argus", "-X", "-r", capture, "-w", "-"],
    }
    for name, command in commands.items():
        if which(str(command[0])):
            yield Contestant(name, command)
    if find_spec("scapy"):
        size = capture.stat().st_size
        share = min(1.0, _SCAPY_BYTES / size)
        command = [sys.executable, "-c", _SCAPY, capture, str(_SCAPY_BYTES)]
        yield Contestant("scapy (scaled up)" if share < 1 else "scapy", command, share)
