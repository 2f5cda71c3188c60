"""``wirestat live`` in lines: events as they happen, and a report at the end."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from wirestat.commands import terminal
from wirestat.commands.displays import Lines, Silent
from wirestat.commands.live_result import Result
from wirestat.commands.session import Company, Display, Pace, Session, Watched
from wirestat.commands.sieve import Sieve
from wirestat.export import EXPORTS
from wirestat.report import formats, kernel
from wirestat.report.build import Report, build
from wirestat.report.formats import TEXT
from wirestat.report.layout import View
from wirestat.tracker import Limits, Tracker
from wirestat.zones import Zone

if TYPE_CHECKING:
    from wirestat.beside import Beside
    from wirestat.capture.recording import Recorder
    from wirestat.commands.live import Inputs
    from wirestat.commands.live_options import LiveRequest
    from wirestat.commands.outlet import Outlet
    from wirestat.commands.signals import Wishes
    from wirestat.commands.voice import Voice
    from wirestat.history.keeper import Keeper
    from wirestat.tracked import Keep


class LinesShow:
    """Shows a capture line by line, or in tables."""

    outlet: Outlet | None = None

    def __init__(
        self, request: LiveRequest, inputs: Inputs, out: TextIO, voice: Voice, display: Display | None = None
    ) -> None:
        """Make the tracker, still empty. A ``display`` replaces the lines."""
        self._request = request
        self._source = inputs.source
        self._out = out
        self._voice = voice
        capacity = Limits(max_connections=request.max_connections or Limits().max_connections)
        tables = request.format in EXPORTS
        is_told = not (voice.quiet or tables or display or request.every is not None)
        self.tracker = Tracker(
            request.profile, capacity, release=not tables, events=is_told or request.keeping() is not None
        )
        self._is_plain = display is None
        self._format = formats.load(TEXT if tables else request.format or TEXT)
        self.beside = beside(inputs, self.tracker)
        self._view = view(request, out, self.beside, full=voice.verbose)
        self._result = Result(request, self._view)
        self._stack = inputs.stack
        self._display = display or (
            Silent()
            if tables
            else Lines(self._format, self._view, out, quiet=voice.quiet, is_table=request.every is not None)
        )
        self._last: Report | None = None
        self._keeper = _keeper(request, self.tracker)

    @property
    def opens(self) -> Sequence[Path]:
        """The folders of the history and of the final output, both created now."""
        history = [self._keeper.begin()] if self._keeper is not None else []
        return [*history, *self._result.open(self._stack)]

    def rehearse(self) -> None:
        """Load all code that will be needed."""
        from wirestat.commands.rehearsal import rehearse

        report = self._report()
        if self._keeper is not None:
            self._keeper.rehearse(report)
        rehearse(report, self._format, self._view)
        self._result.rehearse(report)
        if self._request.finding is not None:
            from wirestat.commands import live_finding

            live_finding.tell(report, self._request.finding, self._view, io.StringIO())
        if (rehearse_display := getattr(self._display, "rehearse", None)) is not None:
            rehearse_display(report)
        if self.outlet is not None:
            self.outlet.rehearse(report)

    def play(self, recorder: Recorder | None, wishes: Wishes) -> None:
        """Capture until the end, and report events."""
        request = self._request
        company = Company(
            source=self._source,
            recorder=recorder,
            sieve=request.question and Sieve(self.tracker, request.question),
            beside=self.beside,
            names=request.dialect,
            outlet=self.outlet,
            keeper=self._keeper,
        )
        pace = Pace(request.seconds, request.pause, request.states)
        watched = Watched(self.tracker, self._report)
        session = Session(watched, self._display, wishes, self._voice, pace, company)
        self._source.drain(self.tracker.core, session)
        self._last = session.finish()

    def close(self) -> None:
        """Flush the output."""
        self._out.flush()

    def finish(self) -> Report:
        """Write the report at the end."""
        report = self._last or self._report()
        if not self._result.write(report) and self._request.every is None:
            self._say(report)
        if self.beside is None or self._result.is_of_tables or not self._is_plain:
            return report
        if (self._request.format or TEXT) == TEXT:
            for line in at_the_end(self.beside, self._request, self._view):
                print(line, file=self._out)
        return report

    def _say(self, report: Report) -> None:
        if self._request.finding is None:
            self._display.say(report)
            return
        from wirestat.commands import live_finding

        live_finding.tell(report, self._request.finding, self._view, self._out)

    def _report(self) -> Report:
        from wirestat.tracked import Tracked

        request = self._request
        keep: Keep = "all" if request.format in EXPORTS else "summary"
        analysis = Tracked(self._source, self.tracker, request.profile, keep, request.bpf, self.beside)
        return build(analysis)


def _keeper(request: LiveRequest, tracker: Tracker) -> Keeper | None:
    keeping = request.keeping()
    if keeping is None:
        return None
    from wirestat.history.keeper import Keeper

    return Keeper(keeping, time.time_ns(), tracker)


def beside(inputs: Inputs, tracker: Tracker) -> Beside | None:
    """Return the comparison of a tracker with the kernel, if the kernel is asked."""
    if inputs.witness is None:
        return None
    from wirestat.beside import Beside
    from wirestat.host.kernel import Kernel

    return Beside(Kernel(inputs.witness), tracker)


def at_the_end(beside: Beside, request: LiveRequest, view: View) -> Iterator[str]:
    """Write the kernel's part at the end: differences, connections that only it knows, the score."""
    parts = [kernel.differences(beside, view), kernel.hidden(beside)]
    if request.everything:
        parts.append(kernel.older(beside, view))
    if request.check:
        parts.append(kernel.agreement(beside, view))
    for part in parts:
        lines = list(part)
        if lines:
            yield ""
            yield from lines


def view(request: LiveRequest, out: TextIO, beside: Beside | None, *, full: bool) -> View:
    """Return the view for text output."""
    return terminal.view(
        stream=out,
        names=request.dialect,
        zone=request.zone or Zone(),
        full=full,
        is_live=True,
        beside=beside,
        everything=request.everything,
        where=request.question.text if request.question else "",
    )
