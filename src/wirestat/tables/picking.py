"""Selects rows and columns of existing tables, and derives the table ``instant``, without a tracker."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from itertools import accumulate, compress, pairwise

from wirestat.tables.column import Column
from wirestat.tables.schema import FIXED, SCHEMA, Field
from wirestat.tables.table import Table

_SIDES = ("client", "server")


def picked(table: Table, columns: Collection[str] | None, chosen: bytes | None) -> Table:
    """Return a table of fewer columns, ``None`` for all, and of those connections that have a byte other than 0.

    Raises:
        ValueError: there is no such column.
    """
    for name in columns or ():
        if name not in table.columns:
            raise ValueError(f"no such column: {table.layout.name}.{name}")
    names = [name for name in table.columns if columns is None or name in columns]
    if chosen is None:
        kept = {name: table[name] for name in names}
        offsets = None if table.offsets is None else table.offsets.tobytes()
        return Table(table.layout, table.rows, kept, offsets)
    if table.offsets is None:
        spans = [(row, row + 1) for row in compress(range(table.rows), chosen)]
        offsets = None
    else:
        spans = list(compress(pairwise(table.offsets), chosen))
        offsets = array("Q", accumulate((stop - start for start, stop in spans), initial=0)).tobytes()
    rows = sum(stop - start for start, stop in spans)
    return Table(table.layout, rows, {name: _rows(table[name], spans) for name in names}, offsets)


def _rows(column: Column, spans: Sequence[tuple[int, int]]) -> Column:
    width, values = column.field.width, column.values
    kept = b"".join(values[start * width : stop * width] for start, stop in spans)
    return Column(column.field, kept, column.names)


def then(connections: Table, transitions: Table, at_ns: int | None) -> Table:
    """Return the table ``instant`` as of a time in Unix ns, or of the end: what each end had entered last by then."""
    layout = SCHEMA["instant"]
    codes = {side: FIXED["sides"].index(side) for side in _SIDES}
    columns: dict[str, list[int]] = {field.name: [] for field in layout.fields}
    steps = _steps(transitions)
    for place, id in enumerate(connections["id"].data):
        begun = at_ns is None or connections["first_time_ns"].data[place] <= at_ns
        columns["id"].append(id)
        own = [steps[row] for row in transitions.of(place)]
        for side in _SIDES:
            state, since = layout.field(f"{side}_state").null, layout.field(f"{side}_since_ns").null
            if begun:
                state = connections[f"{side}_first_state"].data[place]
                for end, entered, time_ns, retracted in own:
                    if end == codes[side] and not retracted and (at_ns is None or time_ns <= at_ns):
                        state, since = entered, time_ns
            columns[f"{side}_state"].append(state or 0)
            columns[f"{side}_since_ns"].append(since or 0)
    made = {field.name: _column(field, columns[field.name]) for field in layout.fields}
    rows = connections.rows
    return Table(layout, rows, made, None)


def _steps(transitions: Table) -> list[tuple[int, int, int, int]]:
    names = ("endpoint", "to", "time_ns", "retracted_by")
    return list(zip(*(transitions[name].data for name in names), strict=True))


def _column(field: Field, values: Sequence[int]) -> Column:
    names = FIXED[field.dictionary] if field.dictionary else None
    return Column(field, array(field.format, values).tobytes(), names)
