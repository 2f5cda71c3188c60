"""Python's face of the flow table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from wirestat import _core, memory
from wirestat.model import Connection, Event, LadderLine, UdpConversation
from wirestat.summary import Summary
from wirestat.timers import Timers

if TYPE_CHECKING:
    from wirestat.witness import Machine

_MOST_BYTES = 4 << 30
Op = tuple[str, Sequence[str], Sequence[tuple[int, int]], Sequence[str]]
"""An operation of a filter: its name, columns, pairs of numbers, and texts."""

_BATCH = 1000
"""Connections and changes handed over at once: more would be in memory for nothing."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The size of the flow table; beyond it the least useful connections are let go, and counted."""

    max_connections: int = 4_000_000
    max_bytes: int = msgspec.field(default_factory=lambda: memory.share(_MOST_BYTES))
    """Bytes of memory for connections, their logs included; by default half of what there is, at most 4 GiB."""


def by_core(timers: Timers) -> dict[str, int]:
    """Pick the timers that the core goes by; the others are for the rules."""
    return {name: getattr(timers, name) for name in _core.TIMERS}


def machine() -> Machine:
    """Return what the tracker goes by: its two tables, and the numbers that it compares with."""
    from wirestat.witness import Machine

    return Machine(tuple(_core.machine()), tuple(_core.alternatives()), tuple(_core.thresholds()))


class Tracker:
    """The flow table. Packets go in through a capture source or by :meth:`feed`; records come out."""

    def __init__(
        self,
        timers: Timers,
        limits: Limits | None = None,
        *,
        release: bool = False,
        trace: int | Literal["all"] | None = None,
        events: bool = False,
    ) -> None:
        """Make an empty table.

        With ``release``, connections that are over are let go and only their counts kept. ``trace`` is the id of a
        connection of which every segment is kept, for :meth:`ladder`; ``all`` keeps those of all connections, up to a
        million: beyond them, plain connections that are closed give up theirs. With ``events``, changes are queued.
        """
        limits = limits or Limits()
        self.events_beyond = 0
        self.core = _core.Tracker(
            by_core(timers),
            max_connections=limits.max_connections,
            max_bytes=limits.max_bytes,
            release=release,
            trace=0 if trace == "all" else trace,
            events=events,
        )

    @classmethod
    def around(cls, core: _core.Tracker) -> Tracker:
        """Return the face of a table that was filled elsewhere."""
        tracker = cls.__new__(cls)
        tracker.core = core
        return tracker

    def feed(self, link_type: int, frames: list[tuple[int, int, bytes]]) -> None:
        """Take in frames of one link type: (time in Unix ns, length on the wire in bytes, bytes captured) each."""
        self.core.feed(link_type, frames)

    def advance(self, now_ns: int) -> None:
        """Let time pass until ``now_ns`` (Unix ns): timers run out, and what is over is let go."""
        self.core.advance(now_ns)

    def settle(self) -> None:
        """Let time pass until the last frame: what is asked afterwards is as of that instant."""
        self.core.settle()

    def summary(self) -> Summary:
        """Return the flow table in numbers."""
        return self.core.summary()

    def connections(self) -> Iterator[Connection]:
        """Yield the connections in the table, in the order of their ids."""
        start = 0
        while batch := self.core.connections(start, _BATCH):
            yield from batch
            start += len(batch)

    def connection(self, id: int) -> Connection:
        """Return one connection.

        Raises:
            KeyError: it is unknown, or only its counts were kept.
        """
        connection = self.core.connection(id)
        if connection is None:
            raise KeyError(id)
        return connection

    def kept(self) -> int:
        """Return how many connections are in the table."""
        return self.core.kept()

    def ids(self) -> Sequence[int]:
        """Return the ids of the connections in the table, in their order."""
        return memoryview(self.core.ids()).cast("Q")

    def columns(
        self,
        wanted: Mapping[str, Collection[str] | None],
        chosen: bytes | None,
        part: slice,
        at_ns: int,
    ) -> tuple[list[_core.TableRow], list[_core.Book]]:
        """Return columns as the core fills them; ``wirestat.tables.read`` gives them their types."""
        names = [(table, None if columns is None else list(columns)) for table, columns in wanted.items()]
        start, stop, _ = part.indices(self.kept())
        return _core.columns(self.core, names, (start, len(range(start, stop))), chosen, at_ns)

    def keep_gone(self) -> None:
        """Have connections that are let go from now on wait for :meth:`columns_of_gone`."""
        _core.keep_gone(self.core)

    def gone(self) -> tuple[int, int]:
        """Return how many of those wait, and how many more there were no room for."""
        return _core.gone(self.core)

    def columns_of_gone(
        self, wanted: Mapping[str, Collection[str] | None]
    ) -> tuple[list[_core.TableRow], list[_core.Book]]:
        """Return columns of the connections that have left the table since the last time, in the order of ids.

        There are some after :meth:`keep_gone`.
        """
        names = [(table, None if columns is None else list(columns)) for table, columns in wanted.items()]
        return _core.columns_of_gone(self.core, names)

    def choose(
        self, ops: Sequence[Op], given: Sequence[bytes], now_ns: int, only: tuple[int, int] | None = None
    ) -> bytes:
        """Run a filter that ``wirestat.query`` has compiled: a byte for each connection in the order of ids.

        ``given`` is what it asks for and the table does not know, ``now_ns`` the instant that times are counted to;
        ``only`` the place and the id of a connection that alone is asked about.

        Raises:
            ValueError: it is no program, or not enough is given.
        """
        return _core.choose(self.core, ops, given, now_ns, only)

    def udp(self) -> Iterator[UdpConversation]:
        """Yield the UDP conversations, the first seen first."""
        return iter(self.core.conversations())

    def ladder(self, id: int) -> tuple[LadderLine, ...]:
        """Return the segments of a connection that is traced; nothing where it is not."""
        return tuple(self.core.ladder(id))

    def traced(self) -> tuple[int, ...]:
        """Return the ids of the connections whose segments are kept."""
        return tuple(self.core.traced())

    def events(self) -> Iterator[Event]:
        """Yield what has changed since the last call; it takes ``events`` to be asked for at the beginning."""
        while True:
            events, beyond = self.core.drain_events(_BATCH)
            self.events_beyond += beyond
            yield from events
            if len(events) < _BATCH:
                return

    def connection_at(self, place: int, id: int) -> Connection | None:
        """Return a connection by its place, at once however many there are; ``None`` where it was let go."""
        return self.core.connection_at(place, id)
