"""One capture on many workers: each reads pieces, and the result equals that of one process reading the whole.

Every piece is read twice, first for what other pieces need to know, then for tracking. Only segments of connections
in several pieces are passed on. See ``wirestat.pieces``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from wirestat import pieces
from wirestat.batch import store
from wirestat.batch.cuts import Cut
from wirestat.batch.line import Cuts, captures, in_line
from wirestat.batch.reading import Opened
from wirestat.batch.task import Done, Item, Orders, failed, told
from wirestat.errors import InputError, PermissionDenied, WirestatError
from wirestat.model import Capture
from wirestat.timers import profile
from wirestat.tracker import Limits


class Doer(Protocol):
    """Submits tasks to workers."""

    def submit(self, do: Callable[..., Any], /, *arguments: Any) -> Any:
        """Submit a task; the returned future may be an argument of other tasks."""

    def results(self, handles: Sequence[Any]) -> list[Any]:
        """Wait for results; raises the tasks' exceptions."""


class Surveyed(msgspec.Struct, frozen=True):
    """A piece after its survey."""

    survey: pieces.Survey | None
    """``None``: it could not be read."""
    error: str | None
    cpu_ns: int


class Unreadable(Exception):
    """A piece that could be read before cannot be read any more."""

    def __init__(self, cuts: Cuts, reason: str) -> None:
        """Say which, and why."""
        super().__init__(cuts, reason)
        self.cuts = cuts
        self.reason = reason


class Whole(msgspec.Struct, frozen=True):
    """A capture being assembled from pieces."""

    item: Item
    orders: Orders
    limits: Limits
    about: tuple[Capture, ...]
    """The records of the captures in it."""
    head: bytes
    """The data that a process needs about the whole to assemble the pieces."""
    cpu_ns: int
    """The processor time of its survey."""


class SpreadCapture:
    """One capture, of one large file or of several."""

    def __init__(self, item: Item, orders: Orders, doer: Doer, parts: int) -> None:
        """Start nothing yet. Connections in several pieces are tracked in ``parts`` parts."""
        self._item = item
        self._orders = orders
        self._doer = doer
        self._parts = parts
        self._limits = (
            Limits() if orders.max_connections is None else Limits(max_connections=orders.max_connections)
        )
        self._lost: dict[Cuts, str] = {}

    def run(self, cuts: Sequence[Cut]) -> Done | None:
        """Track it in pieces and write its tables; ``None`` if one process has to read all of it."""
        all_pieces: list[Cuts] = [(cut,) for cut in cuts]
        known = dict(zip(all_pieces, self._survey(all_pieces), strict=True))
        while True:
            try:
                return self._whole(all_pieces, known)
            except pieces.Crowded:
                return None
            except Unreadable as error:
                for cut in error.cuts:
                    known[(cut,)] = Surveyed(None, error.reason, 0)

    def _survey(self, of: Sequence[Cuts]) -> list[Surveyed]:
        return self._doer.results([self._doer.submit(survey, cuts) for cuts in of])

    def _whole(self, all_pieces: Sequence[Cuts], known: dict[Cuts, Surveyed]) -> Done | None:
        read = [(cuts, found) for cuts in all_pieces if (found := known[cuts].survey)]
        lost = {cuts for cuts in all_pieces if known[cuts].survey is None}
        if any(not cuts[0].is_whole for cuts in lost):
            return None  # the other pieces of a file cannot be read without it
        if not read:
            reason = known[all_pieces[0]].error or "it cannot be read"
            return failed(self._item, None, InputError("unreadable", self._item.name, None, reason))
        line = in_line(read)
        if line is None or len(line) < 2:
            return None
        ordered, again = self._in_order(read, line)
        about = captures(_by_file(all_pieces, known))
        if about is None:
            return None
        cpu_ns = sum(one.cpu_ns for one in known.values()) + again
        return self._track(ordered, about, cpu_ns)

    def _in_order(
        self, read: Sequence[tuple[Cuts, pieces.Survey]], line: Sequence[list[int]]
    ) -> tuple[list[tuple[Cuts, pieces.Survey]], int]:
        """Return pieces in the order of time, overlapping ones merged, and the processor time that this took."""
        ordered = [(tuple(cut for place in group for cut in read[place][0]), group) for group in line]
        together = [cuts for cuts, group in ordered if len(group) > 1]
        surveys = dict(zip(together, self._survey(together), strict=True))
        found = []
        for cuts, group in ordered:
            if len(group) == 1:
                found.append((cuts, read[group[0]][1]))
                continue
            again = surveys[cuts].survey
            if again is None:
                raise Unreadable(cuts, surveys[cuts].error or "it cannot be read")
            found.append((cuts, again))
        return found, sum(one.cpu_ns for one in surveys.values())

    def _track(
        self, ordered: Sequence[tuple[Cuts, pieces.Survey]], about: tuple[Capture, ...], cpu_ns: int
    ) -> Done:
        doer, rules = self._doer, (self._orders.timers, self._limits)
        plan = pieces.plan([found for _, found in ordered], self._parts)
        tracked = [
            doer.submit(track, cuts, orders, *rules)
            for (cuts, _), orders in zip(ordered, plan.orders, strict=True)
        ]
        left = [[doer.submit(part, one, number) for one in tracked] for number in range(plan.parts + 1)]
        rests = [doer.submit(track_rest, parts, plan.head, *rules) for parts in left[:-1]]
        parcels = [doer.submit(parcel, one) for one in tracked]
        spent = [doer.submit(spent_by, one) for one in tracked]
        whole = Whole(self._item, self._orders, self._limits, about, plan.head, cpu_ns)
        written = doer.submit(write, whole, left[-1], parcels, rests, spent)
        (done,) = doer.results([written])
        found: Done = done
        return found


def _by_file(all_pieces: Sequence[Cuts], known: dict[Cuts, Surveyed]) -> list[tuple[Cuts, pieces.Survey]]:
    """Return all pieces in the order given, with the errors of those that could not be read."""
    return [(cuts, known[cuts].survey or _nothing(cuts, known[cuts].error)) for cuts in all_pieces]


def _nothing(cuts: Cuts, error: str | None) -> pieces.Survey:
    name = cuts[0].source.name
    capture = Capture(
        name=name, format="unreadable", compression=None, size=None, interfaces=(), frames=0, first_time_ns=None,
        last_time_ns=None, snapped_frames=0, backward_steps=0, comments=(), defects=(), error=error,
    )  # fmt: skip
    return pieces.Survey(b"", (capture,), None, None, None)


def survey(cuts: Cuts) -> Surveyed:
    """Survey a piece for the processes of other pieces."""
    began = time.thread_time_ns()
    try:
        with Opened(cuts) as opened:
            found = pieces.survey(opened.captures)
            opened.check()
    except WirestatError as error:
        return Surveyed(None, _reason(error), 0)
    named = tuple(replace(one, name=name) for one, name in zip(found.captures, opened.names, strict=True))
    return Surveyed(replace(found, captures=named), None, time.thread_time_ns() - began)


def _reason(error: WirestatError) -> str:
    if isinstance(error, InputError):
        return error.reason
    return "permission denied" if isinstance(error, PermissionDenied) else str(error)


def track(cuts: Cuts, orders: bytes, timers: str, limits: Limits) -> tuple[pieces.Tracked, int]:
    """Track a piece; returns also the processor time that it took, in ns.

    Raises:
        Unreadable: it cannot be read any more.
        pieces.Crowded: there is no room for all of it.
    """
    began = time.thread_time_ns()
    try:
        with Opened(cuts) as opened:
            tracked = pieces.track(opened.captures, orders, profile(timers), limits)
            opened.check()
    except WirestatError as error:
        raise Unreadable(cuts, _reason(error)) from None
    return tracked, time.thread_time_ns() - began


def part(tracked: tuple[pieces.Tracked, int], number: int) -> bytes:
    """Return one part of the rest of a piece."""
    return tracked[0].left[number]


def parcel(tracked: tuple[pieces.Tracked, int]) -> bytes:
    """Return the connections of a piece."""
    return tracked[0].parcel


def spent_by(tracked: tuple[pieces.Tracked, int]) -> int:
    """Return the processor time of a piece, in ns."""
    return tracked[1]


def track_rest(
    parts: Sequence[bytes], head: bytes, timers: str, limits: Limits
) -> tuple[pieces.Tracked, int]:
    """Track one part of the rest of all pieces.

    Raises:
        pieces.Crowded: there is no room for all of it.
    """
    began = time.thread_time_ns()
    tracked = pieces.Tracked(pieces.track_rest(parts, head, profile(timers), limits), ())
    return tracked, time.thread_time_ns() - began


class _Read:
    """Captures that other processes have read."""

    def __init__(self, told: tuple[Capture, ...]) -> None:
        self._told = told

    def captures(self) -> tuple[Capture, ...]:
        """Return the record of each capture."""
        return self._told


def write(
    whole: Whole,
    left: Sequence[bytes],
    parcels: Sequence[bytes],
    rests: Sequence[tuple[pieces.Tracked, int]],
    spent: Sequence[int],
) -> Done:
    """Assemble the whole table, diagnose it, and write its rows.

    Raises:
        OSError: they cannot be written.
        pieces.Crowded: there is no room for all of it.
    """
    from wirestat.report.build import build
    from wirestat.tracked import Tracked

    began = time.thread_time_ns()
    item, orders = whole.item, whole.orders
    chosen = profile(orders.timers)
    connections = [*parcels, *(tracked.parcel for tracked, _ in rests)]
    tracker = pieces.whole(whole.head, left, connections, chosen, whole.limits)
    report = build(Tracked(_Read(whole.about), tracker, chosen, "all"))
    with store.part(orders.folder, item.number, by_day=orders.by_day) as gathered:
        gathered.add(item.number, report)
    if orders.pages:
        store.page(orders.folder, item.number, report)
    cpu_ns = whole.cpu_ns + sum(spent) + sum(cpu for _, cpu in rests) + time.thread_time_ns() - began
    return told(item, item.key, report, [], cpu_ns)
