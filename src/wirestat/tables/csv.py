"""Tables as rows of CSV, written by the core."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wirestat import _core
from wirestat.tables.column import packed
from wirestat.tables.table import Table

if TYPE_CHECKING:
    from wirestat._core import Bytes


def csv(table: Table) -> Bytes:
    """Return the rows of a table, without a heading."""
    columns = [
        (
            column.field.type,
            column.field.width,
            column.raw,
            column.field.null_bytes,
            None if column.names is None else packed(column.names),
        )
        for column in table.columns.values()
    ]
    return _core.csv(columns, table.rows)
