"""The result of one run of the tracker: the captures, the numbers, and the connections on request."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

from wirestat.model import Capture, Connection, LadderLine, UdpConversation
from wirestat.summary import Summary
from wirestat.timers import Timers
from wirestat.tracker import Tracker

if TYPE_CHECKING:
    from wirestat.beside import Beside
    from wirestat.query import Test, Tree
    from wirestat.tables import Gathering, Style, Table, Wanted, Words

Keep = Literal["all", "summary"]

_KNOWN = 5_000
"""Connections that are converted once, however often they are asked for; more would waste memory."""


class Origin(Protocol):
    """Where frames came from."""

    def captures(self) -> tuple[Capture, ...]:
        """Return each capture with its counts and defects."""


class Tracked:
    """A capture, read and tracked, as of its last frame; a live capture as of its last poll.

    Connections are converted one by one on demand, since there may be millions.
    """

    def __init__(
        self,
        source: Origin,
        tracker: Tracker,
        timers: Timers,
        keep: Keep,
        filter: str = "",
        beside: "Beside | None" = None,
    ) -> None:
        """Take over a tracker that must not be fed any more. ``filter`` is the capture filter of its frames.

        ``beside`` compares its ends with the sockets of this host's kernel.
        """
        tracker.settle()
        self._source = source
        self._waited_until_ns = getattr(source, "waited_until_ns", None)
        self._tracker = tracker
        self._known: dict[int, Connection] = {}
        self.timers = timers
        self.keep = keep
        self.filter = filter
        self.beside = beside

    @cached_property
    def captures(self) -> tuple[Capture, ...]:
        """The captures that were read, each with its own defects."""
        return self._source.captures()

    @cached_property
    def summary(self) -> Summary:
        """The flow table in numbers."""
        return self._tracker.summary()

    @property
    def now_ns(self) -> int | None:
        """The instant of all answers, in Unix ns; ``None`` without frames."""
        last = self.summary.last_time_ns
        return last if last is None or self._waited_until_ns is None else max(last, self._waited_until_ns)

    def connections(self) -> Iterator[Connection]:
        """Yield the connections that were kept, in the order of their ids; where they are few, the same each time."""
        return iter(self._few) if self._tracker.kept() <= _KNOWN else self._tracker.connections()

    @cached_property
    def _few(self) -> tuple[Connection, ...]:
        # Some thirty rules go through all connections: converting them anew each time took most of the judging.
        few = tuple(self._tracker.connections())
        self._known = {one.id: one for one in few}
        return few

    def connection(self, id: int) -> Connection:
        """Return one connection.

        Raises:
            KeyError: it is unknown, or only its counts were kept.
        """
        known = self._known.get(id)
        if known is None:
            known = self._tracker.connection(id)
            if len(self._known) < _KNOWN:
                self._known[id] = known
        return known

    def tables(
        self, wanted: "Wanted", chosen: bytes | None = None, at_ns: int | None = None
    ) -> "dict[str, Table]":
        """Return the kept connections, and what belongs to them, in columns: as ``report.build.Report.tables``."""
        from wirestat.tables import read

        return read(self._tracker, wanted, chosen=chosen, at_ns=at_ns)

    def batches(
        self, wanted: "Wanted", chosen: bytes | None = None, *, size: int | None = None
    ) -> "Iterator[dict[str, Table]]":
        """Yield the tables in batches: as ``report.build.Report.batches``."""
        from wirestat.tables.reading import BATCH, batches

        return batches(self._tracker, wanted, chosen=chosen, size=size or BATCH)

    def ids(self) -> Sequence[int]:
        """Return the ids of the connections that were kept, in their order."""
        return self._tracker.ids()

    def gather(self, into: "Gathering", chosen: bytes | None = None) -> "Iterator[dict[str, Table]]":
        """Add the connections that were kept to tables of many captures; see ``wirestat.tables.Gathering``."""
        return into.add(self._tracker, chosen)

    def choose(
        self, tree: "Tree", now_ns: int, speaks: Callable[["Test"], bytes], *, is_past: bool = False
    ) -> bytes:
        """Return a byte for each connection in the order of ids, 1 where the expression is true: ``query.choose``."""
        from wirestat.query import choose

        return choose(self._tracker, tree, now_ns, speaks, is_past=is_past)

    def records(self, words: "Words", style: "Style", chosen: bytes | None = None) -> Iterator[bytes]:
        """Yield the connections that were kept as JSON, many per chunk; see ``wirestat.tables.records``."""
        from wirestat.tables import records

        return records(self._tracker, words, style, chosen)

    def conn_log(
        self, findings: Mapping[int, tuple[str, ...]], *, is_json: bool, chosen: bytes | None = None
    ) -> Iterator[bytes]:
        """Yield the lines of Zeek's conn.log, if its data was kept; see ``wirestat.tables.conn_log``."""
        from wirestat.tables.conn_log import conn_log

        return conn_log(self._tracker, findings, is_json=is_json, chosen=chosen)

    def udp(self) -> Iterator[UdpConversation]:
        """Yield the UDP conversations, the first seen first."""
        return self._tracker.udp()

    def ladder(self, id: int) -> tuple[LadderLine, ...]:
        """Return the segments of a traced connection; none if it was not traced."""
        return self._tracker.ladder(id)

    def traced(self) -> tuple[int, ...]:
        """Return the ids of the connections whose segments were kept."""
        return self._tracker.traced()
