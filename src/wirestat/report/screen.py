"""How things stand in a live capture, as one table for a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from wirestat.report.layout import View
from wirestat.report.sections import states
from wirestat.words import some

if TYPE_CHECKING:
    from wirestat.report.build import Report


class Rate:
    """Things a second, between two looks."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._number, self._at = 0, time.monotonic()

    def of(self, number: int) -> float:
        """Return the rate since the last call."""
        now = time.monotonic()
        rate = (number - self._number) / max(now - self._at, 1e-9)
        self._number, self._at = number, now
        return max(rate, 0.0)


_FRAMES, _DROPS = Rate(), Rate()


def draw(report: Report, newest: tuple[str, ...], dropped: int | None, view: View) -> Group:
    """Draw the counts, both sides' states, and the newest findings."""
    totals = report.summary
    lost = "drops not known" if dropped is None else f"{dropped:,} dropped ({_DROPS.of(dropped):,.0f}/s)"
    names = ", ".join(capture.title for capture in report.captures)
    heading = Text(
        f"{names}: {some(totals.frames, 'frame')} ({_FRAMES.of(totals.frames):,.0f}/s), {lost}, "
        f"{some(totals.connections, 'connection')}, {totals.released:,} over and let go"
    )
    lines = [Text(line, overflow="ellipsis", no_wrap=True) for line in newest]
    table = [Text.from_ansi(line) for line in states.lines(report, view, when="now")]
    return Group(heading, *table, *lines)
