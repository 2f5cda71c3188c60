"""Line output of a live capture: events as they happen, tables at intervals, a report at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from wirestat.model import State
    from wirestat.report.build import Report
    from wirestat.report.formats import Format
    from wirestat.report.layout import View
    from wirestat.report.stream import Happening


class Silent:
    """Shows nothing before the end of a capture; a base of displays that show no single events."""

    wants_events = False
    is_silent = True

    def tell(self, happening: Happening) -> None:
        """Show nothing."""

    def flush(self) -> None:
        """Do nothing: a report or table is flushed as soon as it is written."""

    def say(self, report: Report) -> None:
        """Show nothing."""

    def table(self, report: Report, states: frozenset[State], chosen: bytes | None) -> None:
        """Show nothing."""


class Lines:
    """One line per event."""

    def __init__(
        self, format: Format, view: View, out: TextIO, *, quiet: bool, is_table: bool = False
    ) -> None:
        """Write lines and reports of a format to ``out``; ``quiet``, or tables, suppress the lines."""
        self._format = format
        self._view = view
        self._out = out
        self.wants_events = not (quiet or is_table)
        self.is_silent = quiet

    def tell(self, happening: Happening) -> None:
        """Write a line, if the event deserves one."""
        if self.wants_events and (line := self._format.tell(happening, self._view)) is not None:
            self._out.write(f"{line}\n")

    def flush(self) -> None:
        """Flush the output."""
        self._out.flush()

    def say(self, report: Report) -> None:
        """Write a report."""
        for chunk in self._format.render(report, self._view, lists=False):
            self._out.write(f"{chunk}\n" if isinstance(chunk, str) else chunk.decode())
        self._out.flush()

    def table(self, report: Report, states: frozenset[State], chosen: bytes | None) -> None:
        """Write netstat's table as of now."""
        from wirestat.report import kernel, table

        for line in table.render(report, table.RowChoice(report.end_ns, states, chosen), self._view):
            self._out.write(f"{line}\n")
        if self._view.everything and self._view.beside is not None:
            for line in kernel.older(self._view.beside, self._view):
                self._out.write(f"{line}\n")
        self._out.write("\n")
        self._out.flush()
