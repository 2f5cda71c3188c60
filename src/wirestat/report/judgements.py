"""Findings as a table: one finding per row, the most severe first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from wirestat.report.handles import handles
from wirestat.tables import Field, Layout, Table
from wirestat.tables.making import column, number, text, time

if TYPE_CHECKING:
    from wirestat.model import Finding
    from wirestat.report.build import Report

_Row = tuple[str, "Finding"]


def _listed(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))


_COLUMNS: tuple[tuple[Field, Callable[[_Row], Any]], ...] = (
    (text("name", "What --finding takes: D05, or D05.2 where there are several."), lambda row: row[0]),
    (text("diagnosis", "Its id in the catalogue of diagnoses."), lambda row: row[1].id),
    (text("title", "The diagnosis in words."), lambda row: row[1].title),
    (text("severity", "How bad it is: info, note, warning or error."), lambda row: str(row[1].severity)),
    (text("confidence", "How sure it is: possible, likely or certain."), lambda row: str(row[1].confidence)),
    (text("fault", "Who is at fault."), lambda row: str(row[1].fault)),
    (
        number(
            "connection", "The connection; null where it is about more or less than one.", "connection", 0
        ),
        lambda row: row[1].connection,
    ),
    (number("connections", "How many connections it speaks of."), lambda row: row[1].count),
    (
        number(
            "of",
            "How many the socket had, tried ones included; null where it is about no one socket.",
            None,
            0,
        ),
        lambda row: row[1].of,
    ),
    (text("where", "The socket or host that it is about; empty for a capture."), lambda row: row[1].where),
    (
        time("since_ns", "When the first of its evidence was captured."),
        lambda row: row[1].since_ns,
    ),
    (text("frames", "The frames that show it, with spaces between."), lambda row: _listed(row[1].frames)),
    (
        text("examples", "Some of the connections, with spaces between."),
        lambda row: _listed(row[1].examples),
    ),
    (text("explanation", "What happened, with this case's numbers."), lambda row: row[1].explanation),
    (text("rivals", "What else it might have been, a line each."), lambda row: "\n".join(row[1].rivals)),
    (text("doubts", "Why it is not more certain, a line each."), lambda row: "\n".join(row[1].doubts)),
    (text("advice", "What to do."), lambda row: row[1].advice),
    (
        text("display_filter", "A display filter of Wireshark that shows its frames."),
        lambda row: row[1].display_filter,
    ),
)

FINDINGS = Layout(
    "findings",
    "A judgement a row: what is wrong with the capture first, then the most severe.",
    tuple(field for field, _ in _COLUMNS),
)
"""The description of the table."""


def findings(report: Report) -> Table:
    """Return the findings of a report."""
    return judged(handles(report).items())


def judged(findings: Iterable[tuple[str, Finding]]) -> Table:
    """Return findings, with the names that they go by, as a table."""
    rows = list(findings)
    columns = {field.name: column(field, [read(row) for row in rows]) for field, read in _COLUMNS}
    return Table(FINDINGS, len(rows), columns)
