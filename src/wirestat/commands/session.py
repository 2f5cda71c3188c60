"""A live capture while it runs: what has happened is told, time limits are kept, signals are heeded."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

from wirestat.commands.signals import Wishes
from wirestat.commands.voice import Voice
from wirestat.model import Event, Finding, State
from wirestat.report.stream import Happening

if TYPE_CHECKING:
    from wirestat.capture.recording import Recorder
    from wirestat.commands.sieve import Sieve
    from wirestat.report.build import Report
    from wirestat.tracker import Tracker

_PAUSE = 1.0
"""Seconds between two judgements, at least."""
_SHARE = 10
"""A judgement takes no more than one part in this many of the time."""
_REMEMBERED = 100_000
"""Connections that are known to have been told of as over."""
_OVER = frozenset({State.CLOSED, State.TIME_WAIT})


class Display(Protocol):
    """Where a session is shown."""

    wants_events: bool
    """Whether single changes are shown."""
    is_silent: bool
    """Whether nothing is shown before the end: then nothing has to be judged before."""

    def tell(self, happening: Happening) -> None:
        """Show one thing that happened."""

    def flush(self) -> None:
        """Have what was told be seen."""

    def refresh(self, report: Report, dropped: int | None) -> None:
        """Show how things stand, about once a second."""

    def say(self, report: Report) -> None:
        """Show a full report."""


class Session:
    """What a live source reports to: ``session(bytes, None)``, which answers whether to go on."""

    def __init__(
        self,
        tracker: Tracker,
        report: Callable[[], Report],
        display: Display,
        wishes: Wishes,
        voice: Voice,
        *,
        seconds: float | None = None,
        recorder: Recorder | None = None,
        source: object = None,
        sieve: Sieve | None = None,
    ) -> None:
        """Start the clock. A ``sieve`` holds back what nobody asked for."""
        self._sieve = sieve
        self._tracker = tracker
        self._report = report
        self._display = display
        self._wishes = wishes
        self._voice = voice
        self._until = None if seconds is None else time.monotonic() + seconds
        self._recorder = recorder
        self._source = source
        self._next = time.monotonic() + _PAUSE
        self._judged = 0
        self._told: dict[tuple[object, ...], int] = {}
        self._over: deque[int] = deque(maxlen=_REMEMBERED)
        self._is_over: set[int] = set()

    def __call__(self, _done: int, _total: int | None) -> bool:
        """Take a look at everything; ``False`` ends the capture."""
        self.tell()
        self._heed()
        now = time.monotonic()
        if now >= self._next:
            if not self._display.is_silent:
                self._judge()
            if self._recorder is not None:
                self._recorder.flush()
            cost = time.monotonic() - now
            self._next = now + max(_PAUSE, _SHARE * cost)
        if self._recorder is not None and self._recorder.status()[2]:
            return False
        return not self._wishes.stop and (self._until is None or now < self._until)

    def tell(self) -> None:
        """Tell what happened since the last time."""
        for remark in getattr(self._source, "remarks", list)():
            self._voice.warning(remark)
        if not self._display.wants_events:
            return
        before = self._tracker.events_beyond
        # What ends a connection may change several things at once: they are told first.
        for _, group in groupby(self._tracker.events(), key=attrgetter("connection")):
            events = list(group)
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
        """Tell what is left, and return the last report."""
        self.tell()
        report = self._look()
        self._announce(report.findings)
        return report

    def _judge(self) -> None:
        frames = self._tracker.core.intake().frames
        changed = frames != self._judged
        self._judged = frames
        # An idle wire still lets timers run out, which the table shows and lines tell by themselves.
        if not changed and self._display.wants_events:
            return
        report = self._look()
        self._announce(report.findings)
        self._display.refresh(report, getattr(self._source, "dropped", None))

    def _look(self) -> Report:
        report = self._report()
        if self._sieve is not None:
            self._sieve.learn(report)
        return report

    def _announce(self, findings: tuple[Finding, ...]) -> None:
        """Tell findings that are new, or have become ten times as frequent."""
        for finding in findings:
            if self._sieve is not None and not self._sieve.passes_finding(finding):
                continue
            key = (finding.id, finding.connection, finding.fault, finding.severity)
            if finding.count >= self._told.get(key, 0) * 10 or key not in self._told:
                self._told[key] = finding.count
                self._display.tell(finding)
        if len(self._told) > _REMEMBERED:
            self._told.clear()

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
