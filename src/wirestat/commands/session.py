"""A running live capture: reports events, keeps time limits, handles signals."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wirestat import pacing
from wirestat.commands.signals import Wishes
from wirestat.commands.voice import Voice
from wirestat.model import Event, State
from wirestat.names import Dialect
from wirestat.report.course import Findings
from wirestat.report.kernel import Disagreements
from wirestat.report.stream import Happening

if TYPE_CHECKING:
    from wirestat.beside import Beside
    from wirestat.capture.recording import Recorder
    from wirestat.commands.outlet import Outlet
    from wirestat.commands.sieve import Sieve
    from wirestat.history.keeper import Keeper
    from wirestat.report.build import Report
    from wirestat.tracker import Tracker

_REMEMBERED = 100_000
"""How many connections already reported as over are remembered."""
_IDLE = 5
"""On a silent wire, only one diagnosis in this many is made."""
_OVER = frozenset({State.CLOSED, State.TIME_WAIT})


class Display(Protocol):
    """The output of a session."""

    wants_events: bool
    """Whether single changes are shown."""
    is_silent: bool
    """Whether nothing is shown before the end: then nothing is diagnosed before."""

    def tell(self, happening: Happening) -> None:
        """Show one event."""

    def flush(self) -> None:
        """Flush the output."""

    def say(self, report: Report) -> None:
        """Show a full report."""

    def table(self, report: Report, states: frozenset[State], chosen: bytes | None) -> None:
        """Show netstat's table as of now."""


class Pace(NamedTuple):
    """The duration of a session, and the interval of tables, both in seconds."""

    until: float | None = None
    """``None``: for ever."""
    every: float | None = None
    """``None``: never."""
    states: frozenset[State] = frozenset()
    """The states in the table; empty for those that netstat shows."""


class Watched(NamedTuple):
    """The capture of a session."""

    tracker: Tracker
    report: Callable[[], Report]
    """Builds the report as of now."""


class Company(NamedTuple):
    """The optional parts of a session."""

    source: object = None
    """The packet source; it may have remarks."""
    recorder: Recorder | None = None
    sieve: Sieve | None = None
    """Selects the events to report."""
    beside: Beside | None = None
    """The comparison with the kernel."""
    names: Dialect = Dialect.LINUX
    """The spelling of states where the kernel differs from the wire."""
    outlet: Outlet | None = None
    """Metrics and alerts."""
    keeper: Keeper | None = None
    """The history."""


_AT_ONCE = Pace()
_ALONE = Company()


class Session:
    """The progress callback of a live source: ``session(bytes, None)`` returns whether to go on."""

    def __init__(
        self,
        watched: Watched,
        display: Display,
        wishes: Wishes,
        voice: Voice,
        pace: Pace = _AT_ONCE,
        company: Company = _ALONE,
    ) -> None:
        """Start the clock."""
        self._keeper = company.keeper
        self._sieve = sieve = company.sieve
        self._beside = company.beside
        self._disagreements = None if self._beside is None else Disagreements(self._beside, company.names)
        self._kernel_is_lost = False
        self._looks = pacing.of_looks()
        self._outlet = company.outlet
        if self._outlet is not None and sieve is not None:
            self._outlet.asked_for = sieve.passes_finding
        self._tracker, self._report = watched
        self._display = display
        self._wishes = wishes
        self._voice = voice
        self._pace = pace
        self._until = None if pace.until is None else time.monotonic() + pace.until
        self._next_table = time.monotonic() + (pace.every or 0)
        self._recorder = company.recorder
        self._source = company.source
        self._diagnoses = pacing.of_diagnoses(delay=pacing.PAUSE)
        self._judged = self._idle = 0
        self._findings = Findings(lambda finding: sieve is None or sieve.passes_finding(finding))
        self._over: deque[int] = deque(maxlen=_REMEMBERED)
        self._is_over: set[int] = set()

    def __call__(self, _done: int, _total: int | None) -> bool:
        """Do all work that is due; ``False`` ends the capture."""
        self.tell()
        self._heed()
        now = time.monotonic()
        if self._beside is not None and self._looks.is_due(now):
            self._ask_kernel(self._beside)
            self._looks.finish(now)
        if self._diagnoses.is_due(now):
            if self._outlet is not None or self._announces:
                self._judge()
            if self._recorder is not None:
                self._recorder.flush()
            self._diagnoses.finish(now)
        if self._pace.every is not None and now >= self._next_table:
            self._next_table = now + self._pace.every
            self._table()
        if self._keeper is not None:
            self._keeper.look()
            if self._keeper.is_due(time.time_ns()):
                self._keep()
        if self._recorder is not None and self._recorder.status()[2]:
            return False
        return not self._wishes.stop and (self._until is None or now < self._until)

    def tell(self) -> None:
        """Report the events since the last call."""
        for remark in getattr(self._source, "remarks", list)():
            self._voice.warning(remark)
        if not self._display.wants_events and self._keeper is None:
            return
        before = self._tracker.events_beyond
        # The end of a connection may come with several changes: report them first.
        for _, group in groupby(self._tracker.events(), key=attrgetter("connection")):
            events = list(group)
            if self._keeper is not None:
                for event in events:
                    self._keeper.take(event)
            if not self._display.wants_events:
                continue
            if self._sieve is not None and not self._sieve.passes(events[-1]):
                continue
            for event in events:
                self._display.tell(event)
            for happening in self._endings(events[-1]):
                self._display.tell(happening)
        self._display.flush()
        if missed := self._tracker.events_beyond - before:
            self._voice.warning(f"{missed:,} changes came too fast to be shown; they are counted")

    def finish(self) -> Report:
        """Report the remaining events, and return the last report."""
        self.tell()
        self._keep()
        report = self._look()
        if self._pace.every is not None:
            self._table(report)
        else:
            self._announce(report)
        return report

    def _keep(self) -> None:
        """Write the history; after a failure, try again after the next interval."""
        if self._keeper is None:
            return
        try:
            self._keeper.write(time.time_ns(), self._report)
        except OSError as error:
            self._voice.warning(
                f"{self._keeper.folder}: {(error.strerror or str(error)).lower()}; it is tried again"
            )
        if lost := self._keeper.losses():
            self._voice.warning(f"{self._keeper.folder}: {lost} could not be kept")

    def _table(self, report: Report | None = None) -> None:
        report = report or self._look()
        self._display.table(report, self._pace.states, self._sieve.chosen if self._sieve else None)

    @property
    def _announces(self) -> bool:
        """Whether findings are reported before the end."""
        return not self._display.is_silent and self._pace.every is None

    def _judge(self) -> None:
        frames = self._tracker.core.intake().frames
        # Timers may open and close findings on a silent wire too, but rarely: every fifth time.
        self._idle = 0 if frames != self._judged else self._idle + 1
        self._judged = frames
        if self._idle % _IDLE == 0:
            report = self._look()
            if self._announces:
                self._announce(report)
                self._display.flush()

    def _look(self) -> Report:
        report = self._report()
        if self._sieve is not None:
            self._sieve.learn(report)
        if self._outlet is not None:
            self._outlet.see(report)
        return report

    def _announce(self, report: Report) -> None:
        """Report which findings were opened, updated, and closed."""
        for course in self._findings.learn(report.findings, report.end_ns):
            self._display.tell(course)

    def _ask_kernel(self, beside: Beside) -> None:
        beside.look()
        if not beside.kernel.is_alive and not self._kernel_is_lost:
            self._kernel_is_lost = True
            self._voice.warning("the process that asks the kernel has ended: its last answer stays")
        if self._disagreements is not None and beside.kernel.last is not None:
            for one in self._disagreements.news(beside.kernel.last.answered_ns):
                self._display.tell(one)

    def _heed(self) -> None:
        if self._wishes.flush:
            self._wishes.flush = False
            if self._recorder is not None:
                self._recorder.flush()
        if self._wishes.report:
            self._wishes.report = False
            self._display.say(self._report())

    def _endings(self, event: Event) -> Iterator[Happening]:
        if not {event.client_state, event.server_state} <= _OVER or event.connection in self._is_over:
            return
        if len(self._over) == _REMEMBERED:
            self._is_over.discard(self._over[0])
        self._over.append(event.connection)
        self._is_over.add(event.connection)
        connection = self._tracker.connection_at(event.place, event.connection)
        if connection is not None:
            yield connection
