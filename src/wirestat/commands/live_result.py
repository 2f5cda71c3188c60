"""The file output of a live capture: a report, or tables."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from wirestat import export
from wirestat.commands.output import opened
from wirestat.commands.tables_output import chosen_tables, opened_tables
from wirestat.report import formats
from wirestat.report.formats import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from wirestat.commands.live_options import LiveRequest
    from wirestat.report.build import Report
    from wirestat.report.layout import View
    from wirestat.report.selection import Question


class Result:
    """The final output: opened while privileges may be there, and written when the capture is over."""

    def __init__(self, request: LiveRequest, view: View) -> None:
        """Take the request; nothing is opened yet."""
        self._format = request.format or TEXT
        self._tables = request.tables
        self._output = request.output
        self._inputs = [request.file] if request.file else []
        self._question: Question | None = request.question
        self._view = view
        self._write: Callable[[Report], None] | None = None

    @property
    def is_of_tables(self) -> bool:
        """Whether tables are written: they need every connection, and nothing is reported before the end."""
        return self._format in export.EXPORTS

    def open(self, stack: ExitStack) -> Sequence[Path]:
        """Open the output until the stack is closed, and return its folders.

        Raises:
            UsageError: the output is impossible, or a terminal that cannot show the format.
            PermissionDenied: it may not be written.
            Unavailable: a library that the format takes is not installed.
        """
        if self.is_of_tables:
            write_tables = stack.enter_context(
                opened_tables(self._format, self._tables, self._output, self._inputs)
            )
            self._write = lambda report: write_tables(report, self._chosen(report))
        elif self._output is not None:
            output = stack.enter_context(opened(self._output, self._inputs))
            module = formats.load(self._format)
            self._write = lambda report: output.write(module.render(report, self._view, lists=False))
        if self._output is None:
            return []
        _, is_folder = chosen_tables(self._tables, self._output) if self.is_of_tables else ((), False)
        return [(self._output if is_folder else self._output.parent).resolve()]

    def rehearse(self, report: Report) -> None:
        """Write empty tables to nowhere, to load all code: nothing can be loaded afterwards."""
        if not self.is_of_tables:
            return
        from wirestat.report.tables import batches, layout

        module = export.load(self._format)
        for table in formats.TABLES:
            module.write(layout(table), batches(report, table), io.BytesIO())
        self._chosen(report)

    def write(self, report: Report) -> bool:
        """Write the report; return whether no other output was requested."""
        if self._write is None:
            return False
        self._write(report)
        return True

    def _chosen(self, report: Report) -> bytes | None:
        if self._question is None:
            return None
        from wirestat.report.selection import Selection

        return Selection(report, self._question).chosen
