"""The measurements, one file each. A race takes a `Course` and yields tables and bars."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from bench.bars import Bar
from bench.make import made
from bench.process import Cost


class Course(NamedTuple):
    """Where and how long to race."""

    data: Path
    scratch: Path
    rounds: int
    divisor: int
    """Traces are this many times smaller than they should be."""

    def trace(self, name: str, size: int) -> Path:
        """Return the capture of that name."""
        return made(self.data, name, max(1, size // self.divisor))


class Outcome(NamedTuple):
    """The result of a race."""

    title: str
    costs: Mapping[str, Cost]
    reference: str
    """Whose costs the others are compared with."""
    bars: tuple[Bar, ...] = ()


Race = Callable[[Course], Outcome]
