"""Tables of the same layout, one below the other, as one: many small ones would cost more than what is in them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

from wirestat.tables.column import Column
from wirestat.tables.table import Table


def stacked(tables: Iterable[Table], rows: int) -> Iterator[Table]:
    """Yield the rows of all tables in their order, in tables of at least ``rows``, but for the last.

    All have the same layout; sets have the same dictionary in each.
    """
    waiting: list[Table] = []
    count = 0
    for table in tables:
        waiting.append(table)
        count += table.rows
        if count >= rows:
            yield _stack(waiting)
            waiting, count = [], 0
    if waiting:
        yield _stack(waiting)


def _stack(tables: Sequence[Table]) -> Table:
    first = tables[0]
    if len(tables) == 1:
        return first
    all_columns = [table.columns for table in tables]
    columns = {name: _column([columns[name] for columns in all_columns]) for name in first.columns}
    return Table(first.layout, sum(table.rows for table in tables), columns)


def _column(columns: Sequence[Column]) -> Column:
    first = columns[0]
    if first.names is None or all(_are_same(column.names, first.names) for column in columns):
        return Column(first.field, b"".join([column.values for column in columns]), first.names)
    if first.field.type == "set":
        raise ValueError(f"the sets of {first.field.name} have different dictionaries")
    null = first.field.null
    names: list[str] = []
    codes: list[int] = []
    for column in columns:
        base = len(names)
        codes += [code if code == null else code + base for code in column.data]
        names += column.names or ()
    return Column(first.field, array(first.field.format, codes).tobytes(), names)


def _are_same(names: Sequence[str] | None, others: Sequence[str]) -> bool:
    return names is others or names == others
