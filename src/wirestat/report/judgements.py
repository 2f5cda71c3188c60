"""Findings as a table: a judgement a row, the most severe first."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from wirestat.report.handles import handles
from wirestat.tables import Column, Field, Layout, Table

if TYPE_CHECKING:
    from wirestat.model import Finding
    from wirestat.report.build import Report

_NEVER = -(1 << 63)
_TIME = "ns since the Unix epoch"

_Row = tuple[str, "Finding"]


def _text(name: str, meaning: str) -> Field:
    return Field(name, "u32", 4, None, None, name, meaning)


def _number(name: str, meaning: str, unit: str | None = None, null: int | None = None) -> Field:
    return Field(name, "u64", 8, unit, null, None, meaning)


def _listed(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))


_COLUMNS: tuple[tuple[Field, Callable[[_Row], Any]], ...] = (
    (_text("name", "What --finding takes: D05, or D05.2 where there are several."), lambda row: row[0]),
    (_text("diagnosis", "Its id in the catalogue of diagnoses."), lambda row: row[1].id),
    (_text("title", "The diagnosis in words."), lambda row: row[1].title),
    (_text("severity", "How bad it is: info, note, warning or error."), lambda row: str(row[1].severity)),
    (_text("confidence", "How sure it is: possible, likely or certain."), lambda row: str(row[1].confidence)),
    (_text("fault", "Who is at fault."), lambda row: str(row[1].fault)),
    (
        _number(
            "connection", "The connection; null where it is about more or less than one.", "connection", 0
        ),
        lambda row: row[1].connection or 0,
    ),
    (_number("connections", "How many connections it speaks of."), lambda row: row[1].count),
    (
        _number(
            "of",
            "How many the socket had, tried ones included; null where it is about no one socket.",
            None,
            0,
        ),
        lambda row: row[1].of or 0,
    ),
    (_text("where", "The socket or host that it is about; empty for a capture."), lambda row: row[1].where),
    (
        Field("since_ns", "i64", 8, _TIME, _NEVER, None, "When the first of its evidence was captured."),
        lambda row: _NEVER if row[1].since_ns is None else row[1].since_ns,
    ),
    (_text("frames", "The frames that show it, with spaces between."), lambda row: _listed(row[1].frames)),
    (
        _text("examples", "Some of the connections, with spaces between."),
        lambda row: _listed(row[1].examples),
    ),
    (_text("explanation", "What happened, with this case's numbers."), lambda row: row[1].explanation),
    (_text("rivals", "What else it might have been, a line each."), lambda row: "\n".join(row[1].rivals)),
    (_text("doubts", "Why it is not more certain, a line each."), lambda row: "\n".join(row[1].doubts)),
    (_text("advice", "What to do."), lambda row: row[1].advice),
    (
        _text("display_filter", "A display filter of Wireshark that shows its frames."),
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
    rows = list(handles(report).items())
    columns = {field.name: _column(field, [read(row) for row in rows]) for field, read in _COLUMNS}
    return Table(FINDINGS, len(rows), columns)


def _column(field: Field, values: list[Any]) -> Column:
    if field.dictionary is None:
        return Column(field, array(field.format, values).tobytes(), None)
    codes: dict[str, int] = {}
    numbers = array("I", [codes.setdefault(value, len(codes)) for value in values])
    return Column(field, numbers.tobytes(), list(codes))
