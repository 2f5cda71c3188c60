"""How a live capture is shown: line by line, or as a table that is refreshed in place."""

from __future__ import annotations

import io
import sys
from collections import deque
from typing import TYPE_CHECKING, TextIO

from wirestat.report.layout import View

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.report.formats import Format
    from wirestat.report.stream import Happening

_NEWEST = 8


class Lines:
    """One line for everything that happens."""

    def __init__(self, format: Format, view: View, out: TextIO, *, quiet: bool) -> None:
        """Write lines and reports of a format to ``out``; ``quiet`` leaves the lines out."""
        self._format = format
        self._view = view
        self._out = out
        self.wants_events = not quiet
        self.is_silent = quiet

    def tell(self, happening: Happening) -> None:
        """Write a line, if it is worth one."""
        if self.wants_events and (line := self._format.tell(happening, self._view)) is not None:
            self._out.write(f"{line}\n")

    def flush(self) -> None:
        """Have what was written so far be seen."""
        self._out.flush()

    def refresh(self, report: Report, dropped: int | None) -> None:
        """Have the newest findings be seen."""
        self.flush()

    def say(self, report: Report) -> None:
        """Write a report."""
        for piece in self._format.render(report, self._view, lists=False):
            self._out.write(f"{piece}\n" if isinstance(piece, str) else piece.decode())
        self._out.flush()

    def close(self) -> None:
        """Leave nothing in the buffer."""
        self._out.flush()


class Screen:
    """A table on the terminal, drawn by rich."""

    wants_events = False
    is_silent = False

    def __init__(self, format: Format, view: View, *, hidden: bool = False) -> None:
        """Take over the part of the terminal below the cursor; or, ``hidden``, of one that nobody sees.

        What happens and reports are told in ``format``.
        """
        from rich.console import Console
        from rich.live import Live

        self._format = format
        self._view = view
        self._newest: deque[str] = deque(maxlen=_NEWEST)
        console = Console(file=io.StringIO(), force_terminal=True) if hidden else Console(file=sys.stdout)
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._live.start()

    def tell(self, happening: Happening) -> None:
        """Keep the newest findings."""
        if (line := self._format.tell(happening, View(names=self._view.names))) is not None:
            self._newest.append(line)

    def flush(self) -> None:
        """Draw nothing: that is for :meth:`refresh`."""

    def refresh(self, report: Report, dropped: int | None) -> None:
        """Draw the table anew."""
        from wirestat.report.screen import draw

        self._live.update(draw(report, tuple(self._newest), dropped, self._view), refresh=True)

    def say(self, report: Report) -> None:
        """Write a report above the table, or alone once the table has been closed."""
        shown = self._live.is_started
        self._live.stop()
        for line in self._format.render(report, self._view, lists=False):
            print(line)
        if shown:
            self._live.start()

    def close(self) -> None:
        """Give the terminal back."""
        self._live.stop()
