"""An instant, or a series of them, as a table for other people's tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from wirestat.history.spans import LAYOUT
from wirestat.tables import Layout, Table
from wirestat.tables.making import column, number, text, time

_AT_ONCE = 1 << 16

INSTANT = LAYOUT
"""The description of an instant: its spans."""

SERIES = Layout(
    "series",
    "A state that ends were in at an instant, a row each.",
    (
        time("time_ns", "The instant."),
        text("state", "The state."),
        number("client", "How many clients were in it."),
        number("server", "How many servers were in it."),
    ),
)
"""The description of a series."""

Row = Mapping[str, Any]


def of_instant(batches: Iterable[Sequence[Row]]) -> Iterator[Table]:
    """Yield the spans of an instant, at least one table, which may be empty."""
    for rows in _some(batches):
        yield _table(INSTANT, rows)


def of_series(rows: Iterable[Row]) -> Iterator[Table]:
    """Yield a series, at least one table, which may be empty."""
    waiting = iter(rows)
    for batch in _some(iter(lambda: list(islice(waiting, _AT_ONCE)), [])):
        yield _table(SERIES, batch)


def _some(batches: Iterable[Sequence[Row]]) -> Iterator[Sequence[Row]]:
    """Yield batches, or an empty one where there is none: a table without rows has columns, too."""
    every = iter(batches)
    return chain([next(every, [])], every)


def _table(layout: Layout, rows: Sequence[Row]) -> Table:
    return Table(
        layout,
        len(rows),
        {field.name: column(field, [row[field.name] for row in rows]) for field in layout.fields},
    )
