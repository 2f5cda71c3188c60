"""Writes traces: ``python -m bench.make NAME SIZE FILE``, where FILE may be ``-``.

A process of its own: what it holds in memory shall not be taken for the memory of a program that is measured.
"""

import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from bench.crowds import FEW, MANY, MANY_LONG, THRONG, Crowd, crowd
from bench.traces import ALIVE, CLOSED, DOWNLOADS, ENDING, FLOOD, ORDINARY, Mix, trace


class Recipe(NamedTuple):
    """How a trace is made."""

    who: Mix | Crowd
    payload: bool
    unit: str
    """The unit of its size: connections, frames or bytes."""

    def chunks(self, size: int) -> Iterator[bytes]:
        """Yield the trace."""
        if isinstance(self.who, Crowd):
            return crowd(self.who, size, payload=self.payload)
        if self.unit == "connections":
            return trace(self.who, size, payload=self.payload)
        return _first(size, trace(self.who, None, payload=self.payload))


RECIPES = {
    "headers": Recipe(ORDINARY, payload=False, unit="connections"),
    "frames": Recipe(DOWNLOADS, payload=True, unit="bytes"),
    "alive": Recipe(ALIVE, payload=False, unit="connections"),
    "closed": Recipe(CLOSED, payload=False, unit="connections"),
    "flood": Recipe(FLOOD, payload=False, unit="connections"),
    "few-at-random": Recipe(FEW, payload=False, unit="frames"),
    "headers-at-random": Recipe(MANY, payload=False, unit="frames"),
    "throng-at-random": Recipe(THRONG, payload=False, unit="frames"),
    "frames-at-random": Recipe(MANY, payload=True, unit="frames"),
    "long-at-random": Recipe(MANY_LONG, payload=True, unit="frames"),
    "stream": Recipe(ENDING, payload=True, unit="bytes"),
}


def _first(size: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield chunks until there are ``size`` bytes."""
    written = 0

    def count(chunk: bytes) -> bool:
        nonlocal written
        wanted = written < size
        written += len(chunk)
        return wanted

    return takewhile(count, chunks)


def command(name: str, size: int, file: str) -> list[str]:
    """Return the command that makes a trace."""
    return [sys.executable, "-m", "bench.make", name, str(size), file]


def made(directory: Path, name: str, size: int) -> Path:
    """Return the file of a trace, which is made where it is not there."""
    path = directory / f"{name}-{size}.pcap"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        subprocess.run(command(name, size, str(unfinished)), check=True)
        unfinished.rename(path)
    return path


def _main(name: str, size: str, file: str) -> None:
    chunks = RECIPES[name].chunks(int(size))
    with sys.stdout.buffer if file == "-" else Path(file).open("wb") as out:
        out.writelines(chunks)


if __name__ == "__main__":
    _main(*sys.argv[1:])
