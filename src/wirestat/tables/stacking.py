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
    columns = {name: _column([table[name] for table in tables]) for name in first.columns}
    return Table(first.layout, sum(table.rows for table in tables), columns)


def _column(columns: Sequence[Column]) -> Column:
    first = columns[0]
    if all(column.names is first.names or column.names == first.names for column in columns[1:]):
        return Column(first.field, b"".join(column.values for column in columns), first.names)
    if first.field.type == "set":
        raise ValueError(f"the sets of {first.field.name} have different dictionaries")
    null = first.field.null
    names: list[str] = []
    codes = array(first.field.format)
    for column in columns:
        base = len(names)
        codes.extend([code if code == null else code + base for code in column.data])
        names.extend(column.names or ())
    return Column(first.field, codes.tobytes(), names)
