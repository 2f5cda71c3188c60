"""The capture itself: rates, losses, capacity, and defects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from rich.segment import Segment

from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.report.sections import captures, fitness
from wirestat.report.words import size
from wirestat.tui.cells import sparkline
from wirestat.tui.listing import Line
from wirestat.tui.styles import FAINT, PLAIN, TITLE, WARNING
from wirestat.words import some


class Vitals(msgspec.Struct, frozen=True):
    """The figures of the capture per second, the newest last."""

    frames: Sequence[int] = ()
    """Frames taken in, a second."""
    bytes: Sequence[int] = ()
    """Bytes taken in, a second."""
    drops: Sequence[int] = ()
    """Packets dropped by the kernel per second; empty if unknown."""
    waiting: Sequence[int] = ()
    """The fill level of the ring, in percent; empty without a ring."""
    cpu: Sequence[int] = ()
    """Processor time of this process, in percent of one processor."""
    dropped: int | None = None


class CaptureState:
    """A few lines of figures, then the report's section on the capture."""

    def __init__(
        self, report: Report | None, vitals: Vitals, *, is_live: bool, notes: Sequence[str] = ()
    ) -> None:
        """Show a judgement and the vital signs."""
        self.empty = "nothing is known of the capture yet"
        self._report = report
        self._vitals = vitals
        self._is_live = is_live
        self._notes = notes
        self._lines: list[Line] | None = None
        self._width = 0

    def __len__(self) -> int:
        return len(self._drawn(self._width or 80))

    def height(self, width: int) -> int:
        """Take one line."""
        self._width = width
        return 1

    def key(self, row: int) -> int:
        """Return the number of the line."""
        return row

    def heading(self, width: int) -> list[Line]:
        """Say what is shown."""
        return [
            [Segment("how the capture does, the last minute" if self._is_live else "what was read", FAINT)]
        ]

    def lines(self, row: int, width: int) -> Sequence[Line]:
        """Draw a line."""
        return [self._drawn(width)[row]]

    def _drawn(self, width: int) -> list[Line]:
        if self._lines is None or width != self._width:
            self._width = width
            self._lines = list(self._all(width))
        return self._lines

    def _all(self, width: int) -> Iterator[Line]:
        vitals = self._vitals
        if self._is_live:
            yield _gauge("frames", f"{_last(vitals.frames):,} a second", vitals.frames, width)
            yield _gauge("bytes", f"{size(_last(vitals.bytes))} a second", vitals.bytes, width)
            lost = "not counted" if vitals.dropped is None else f"{vitals.dropped:,} in all"
            yield _gauge("dropped", lost, vitals.drops, width, is_bad=bool(vitals.dropped))
            if vitals.waiting:
                yield _gauge("ring", f"{_last(vitals.waiting)} % full", vitals.waiting, width)
            yield _gauge("processor", f"{_last(vitals.cpu)} %", vitals.cpu, width)
            yield []
        for note in self._notes:
            yield [Segment(note)]
        if self._report is None:
            return
        totals = self._report.summary
        yield [Segment(f"{some(totals.frames, 'frame')}, {some(totals.connections, 'connection')} in all")]
        yield []
        view = View(width=width)
        for section in (captures, fitness):
            for line in section.lines(self._report, view):
                yield [Segment(line, WARNING if line.startswith("!") else PLAIN)]


def _gauge(name: str, figure: str, values: Sequence[int], width: int, *, is_bad: bool = False) -> Line:
    bars = sparkline(values, max(0, min(60, width - 36)))
    style = WARNING if is_bad else PLAIN
    return [Segment(f"{name:<12}", TITLE), Segment(f"{figure:<22}  ", style), Segment(bars, style)]


def _last(values: Sequence[int]) -> int:
    return values[-1] if values else 0
