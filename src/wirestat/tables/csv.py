"""Tables as rows of CSV, written by the core."""

from wirestat import _core
from wirestat.tables.column import packed
from wirestat.tables.table import Table


def csv(table: Table) -> bytes:
    """Return the rows of a table, without a heading."""
    columns = [
        (
            column.field.type,
            column.field.width,
            bytes(column.values),
            column.field.null_bytes,
            None if column.names is None else packed(column.names),
        )
        for column in table.columns.values()
    ]
    return _core.csv(columns, table.rows)
