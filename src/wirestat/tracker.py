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
"""An operation of a compiled filter: its name, columns, pairs of numbers, and texts."""

_BATCH = 1000
"""Connections and changes converted at once; more would waste memory."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The size of the flow table; beyond it the least useful connections are evicted, and counted."""

    max_connections: int = 4_000_000
    max_bytes: int = msgspec.field(default_factory=lambda: memory.share(_MOST_BYTES))
    """Bytes of memory for connections, their logs included; by default half of the memory, at most 4 GiB."""


def by_core(timers: Timers) -> dict[str, int]:
    """Return the timers that the core uses; the others are for the rules."""
    return {name: getattr(timers, name) for name in _core.TIMERS}


def machine() -> Machine:
    """Return the tracker's two tables and its thresholds."""
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

        With ``release``, connections that are over are dropped and only their counts kept. ``trace`` is the id of a
        connection whose segments are all kept, for :meth:`ladder`; ``all`` keeps those of all connections, up to a
        million: beyond that, unremarkable closed connections lose theirs. With ``events``, changes are queued.
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
        """Wrap a core table that was filled elsewhere."""
        tracker = cls.__new__(cls)
        tracker.core = core
        return tracker

    def feed(self, link_type: int, frames: list[tuple[int, int, bytes]]) -> None:
        """Take frames of one link type, each as (time in Unix ns, length on the wire in bytes, captured bytes)."""
        self.core.feed(link_type, frames)

    def advance(self, now_ns: int) -> None:
        """Run timers up to ``now_ns`` (Unix ns), and drop connections that are over."""
        self.core.advance(now_ns)

    def settle(self) -> None:
        """Run timers up to the last frame: later queries are as of that instant."""
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
        """Return raw columns from the core; ``wirestat.tables.read`` gives them their types."""
        names = [(table, None if columns is None else list(columns)) for table, columns in wanted.items()]
        start, stop, _ = part.indices(self.kept())
        return _core.columns(self.core, names, (start, len(range(start, stop))), chosen, at_ns)

    def use_cores(self) -> None:
        """From now on, let two threads count connections where there are many; the result is the same."""
        _core.use_cores(self.core)

    def keep_gone(self) -> None:
        """From now on, queue connections that leave the table for :meth:`columns_of_gone`."""
        _core.keep_gone(self.core)

    def gone(self) -> tuple[int, int]:
        """Return how many of those are queued, and for how many more there was no room."""
        return _core.gone(self.core)

    def columns_of_gone(
        self, wanted: Mapping[str, Collection[str] | None]
    ) -> tuple[list[_core.TableRow], list[_core.Book]]:
        """Return columns of the connections that have left the table since the last call, in the order of ids.

        Needs :meth:`keep_gone` first.
        """
        names = [(table, None if columns is None else list(columns)) for table, columns in wanted.items()]
        return _core.columns_of_gone(self.core, names)

    def choose(
        self, ops: Sequence[Op], given: Sequence[bytes], now_ns: int, only: tuple[int, int] | None = None
    ) -> bytes:
        """Run a filter that ``wirestat.query`` has compiled; return a byte for each connection in the order of ids.

        ``given`` has the values that the filter needs and the table lacks; ``now_ns`` is the instant to which
        durations run; ``only`` is the place and id of a single connection to test.

        Raises:
            ValueError: the program is invalid, or ``given`` is incomplete.
        """
        return _core.choose(self.core, ops, given, now_ns, only)

    def having_ends(self, addresses: Collection[bytes]) -> bytes | None:
        """Choose connections of which an end has one of these addresses, of sixteen bytes (IPv4: four, and zeros).

        A byte for each connection in the order of ids; ``None`` where there is no such connection.

        Raises:
            ValueError: an address is longer or shorter.
        """
        return _core.having_ends(self.core, list(addresses))

    def udp(self) -> Iterator[UdpConversation]:
        """Yield the UDP conversations, the first seen first."""
        return iter(self.core.conversations())

    def ladder(self, id: int) -> tuple[LadderLine, ...]:
        """Return the segments of a traced connection; none if it is not traced."""
        return tuple(self.core.ladder(id))

    def traced(self) -> tuple[int, ...]:
        """Return the ids of the connections whose segments are kept."""
        return tuple(self.core.traced())

    def events(self) -> Iterator[Event]:
        """Yield the changes since the last call; needs a tracker made with ``events``."""
        while True:
            events, beyond = self.core.drain_events(_BATCH)
            self.events_beyond += beyond
            yield from events
            if len(events) < _BATCH:
                return

    def connection_at(self, place: int, id: int) -> Connection | None:
        """Return a connection by its place, in constant time; ``None`` if it has left the table."""
        return self.core.connection_at(place, id)
