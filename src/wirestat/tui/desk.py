"""Connects the capture and the screen. A lock serializes access, as a tracker is not thread-safe."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

import msgspec

from wirestat.model import GONE, Connection, Severity, State
from wirestat.report.build import Report, build
from wirestat.report.looks import spoken
from wirestat.report.selection import Question, Selection
from wirestat.tables import Table, both, either, having, read
from wirestat.tables.schema import FIXED
from wirestat.tui.sorts import Sort, order

if TYPE_CHECKING:
    from wirestat import _core
    from wirestat.beside import Beside
    from wirestat.capture.source import Source
    from wirestat.testimony import Socket
    from wirestat.timers import Timers
    from wirestat.tracker import Tracker

LINGER_NS = 60 * 10**9
"""How long connections that are over stay visible, on request, in ns."""
_NOT_YET = 255


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The user's request: what to show."""

    at_ns: int | None = None
    """An instant in Unix ns; ``None`` for now."""
    question: Question | None = None
    sort: Sort = Sort.NEWEST
    backward: bool = False
    closed: bool = False
    """Whether connections that are over stay visible for a while."""
    everything: bool = False
    """Whether to include connections that only this host's kernel knows."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """The connections at an instant."""

    now_ns: int
    at_ns: int | None
    ids: Sequence[int]
    """The requested connections, in the requested order."""
    then: Table | None
    """The table ``instant`` of an instant in the past; ``None`` for now."""
    counts: dict[State, tuple[int, int]]
    """The number of clients and servers in each state, over all connections."""
    older: Sequence[Socket] = ()
    """Connections without a captured packet, from the kernel."""
    total: int
    """The number of visible connections, before filtering."""
    frames: int

    def states_then(self, id: int) -> tuple[State, State, int | None, int | None] | None:
        """Return the states of both ends at the instant, and since when; ``None`` for now."""
        if self.then is None:
            return None
        row = bisect_left(self.then["id"].data, id)
        found = self.then.row(row)
        client, server = (State(str(found[f"{side}_state"])) for side in ("client", "server"))
        since = cast("list[int | None]", [found[f"{side}_since_ns"] for side in ("client", "server")])
        return client, server, since[0], since[1]


class Guarded:
    """The core of a tracker, with a lock around every call."""

    def __init__(self, core: _core.Tracker, lock: threading.RLock) -> None:
        """Guard ``core`` with ``lock``."""
        self._core = core
        self._lock = lock

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._core, name)

        @wraps(call)
        def guarded(*arguments: Any, **named: Any) -> Any:
            with self._lock:
                return call(*arguments, **named)

        self.__dict__[name] = guarded
        return guarded


class Desk:
    """A tracker that is being fed, with its last report."""

    def __init__(
        self,
        tracker: Tracker,
        source: Source,
        timers: Timers,
        expression: str = "",
        beside: Beside | None = None,
    ) -> None:
        """Take a tracker; it must be fed through :attr:`core`."""
        self.lock = threading.RLock()
        self._tracker = tracker
        self._source = source
        self.timers = timers
        self._expression = expression
        self.beside = beside
        """The comparison with this host's kernel; ``None`` if it is not asked."""
        self.core = cast("_core.Tracker", Guarded(tracker.core, self.lock))
        self.report: Report | None = None
        """The last report."""
        self._ranks: dict[int, int] = {}

    def judge(self) -> Report:
        """Build the report as of now."""
        from wirestat.tracked import Tracked

        with self.lock:
            analysis = Tracked(self._source, self._tracker, self.timers, "all", self._expression, self.beside)
            report = build(analysis)
            self._ranks = _ranks(report)
            self.report = report
            return report

    @property
    def dropped(self) -> int | None:
        """Packets dropped by the kernel; ``None`` if unknown."""
        return getattr(self._source, "dropped", None)

    def connection(self, id: int) -> Connection | None:
        """Return a connection; ``None`` if it has left the table."""
        with self.lock:
            try:
                return self._tracker.connection(id)
            except KeyError:
                return None

    def counts(self, at_ns: int) -> dict[State, tuple[int, int]]:
        """Count the ends in each state at an instant."""
        with self.lock:
            table = read(self._tracker, {"instant": ("client_state", "server_state")}, at_ns=at_ns)["instant"]
            return _counts(table["client_state"].values, table["server_state"].values)

    def look(self, asked: Shown) -> Look:
        """Look at the connections as of now, or of an instant."""
        with self.lock:
            now_ns = self._now_ns()
            at_ns = asked.at_ns
            table = read(
                self._tracker, {"connections": ("id", "client_state", "server_state", "last_time_ns")}
            )
            columns = table["connections"]
            ids, client, server = columns["id"].data, columns["client_state"], columns["server_state"]
            then = None
            if at_ns is not None:
                then = read(self._tracker, {"instant": None}, at_ns=at_ns)["instant"]
                client, server = then["client_state"], then["server_state"]
                seen = _seen(client.values)
            else:
                seen = b"\1" * len(ids)
            chosen = both(seen, self._in_sight(asked, client, server, columns["last_time_ns"].data, now_ns))
            total = chosen.count(1)
            if asked.question is not None and self.report is not None:
                chosen = both(chosen, Selection(self.report, asked.question, at_ns).chosen)
            rows = order(self._tracker, asked.sort, chosen, ids, self._ranks)
            if asked.backward:
                rows = rows[::-1]
            return Look(
                now_ns=now_ns,
                at_ns=at_ns,
                ids=rows,
                then=then,
                older=self._older(asked),
                counts=_counts(client.values, server.values),
                total=total,
                frames=self._tracker.core.intake().frames,
            )

    def ask(self, tell: Callable[[Tracker], Any]) -> Any:
        """Query the tracker while it is not being fed."""
        with self.lock:
            return tell(self._tracker)

    def _older(self, asked: Shown) -> Sequence[Socket]:
        """List connections that only the kernel knows: only for now, and without a filter."""
        if self.beside is None or not asked.everything or asked.question or asked.at_ns is not None:
            return ()
        found = self.beside.older()
        return found[::-1] if asked.backward else found

    def _now_ns(self) -> int:
        last = self._tracker.core.intake().last_time_ns or 0
        return max(last, getattr(self._source, "waited_until_ns", None) or 0)

    def _in_sight(self, asked: Shown, client: Any, server: Any, last: Any, now_ns: int) -> bytes:
        alive = frozenset(State) - GONE
        chosen = either(having(client, alive), having(server, alive))
        if not asked.closed:
            return chosen
        since_ns = (now_ns if asked.at_ns is None else asked.at_ns) - LINGER_NS
        return either(chosen, bytes(time_ns >= since_ns for time_ns in last))


def _seen(states: bytes) -> bytes:
    """Select the connections that had begun at an instant."""
    return states.translate(bytes(code != _NOT_YET for code in range(256)))


def _counts(client: bytes, server: bytes) -> dict[State, tuple[int, int]]:
    return {
        State(name): (client.count(code), server.count(code)) for code, name in enumerate(FIXED["states"])
    }


def _ranks(report: Report) -> dict[int, int]:
    """Return the severity of the worst finding about each connection."""
    ids, (sets, codes) = spoken(report)
    grave = [0 if one.severity is Severity.INFO else one.severity.rank for one in report.findings]
    ranks = [max((grave[place] for place in one), default=0) for one in sets]
    return {id: ranks[code] for id, code in zip(ids, codes, strict=True) if ranks[code]}
