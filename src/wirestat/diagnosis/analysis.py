"""The rules' view of an analysis: the result of reading a capture, seen from above."""

from collections.abc import Iterator
from typing import Protocol

from wirestat.model import Capture, Connection
from wirestat.summary import Summary
from wirestat.timers import Timers


class Analysis(Protocol):
    """A capture, read and tracked to its end."""

    @property
    def captures(self) -> tuple[Capture, ...]:
        """The captures that were read, each with its defects."""

    @property
    def summary(self) -> Summary:
        """The flow table in numbers; its signatures are what rules judge."""

    @property
    def timers(self) -> Timers:
        """The timer profile that the tracker followed."""

    @property
    def now_ns(self) -> int | None:
        """The instant that everything is told as of, in Unix ns; ``None`` where there is no frame."""

    def connection(self, id: int) -> Connection:
        """Return one connection with its exact figures; those named as examples are always there."""

    def connections(self) -> Iterator[Connection]:
        """Go through all connections that were kept: slow where there are many."""
