"""A table: columns of the same length, by name."""

from __future__ import annotations

from collections.abc import Mapping

from wirestat.tables.column import Column, Value
from wirestat.tables.schema import Layout


class Table:
    """Some or all columns of a table, for some or all connections, as of when they were taken.

    Whatever speaks Arrow takes it as it is: ``polars.DataFrame(table)``, ``pyarrow.table(table)``. That needs
    ``nanoarrow``, which ``pip install 'wirestat[data]'`` brings.
    """

    def __init__(
        self, layout: Layout, rows: int, columns: Mapping[str, Column], offsets: bytes | None = None
    ) -> None:
        """Put columns together."""
        self.layout = layout
        self.rows = rows
        """How many rows there are; ``len`` tells it as well."""
        self.columns = columns
        """The columns by name, in the order of the layout."""
        self.offsets = None if offsets is None else memoryview(offsets).cast("Q")
        """Where the rows of each connection begin, in the order of the connections, and where the last one's end."""

    def __reduce__(self) -> tuple[type[Table], tuple[Layout, int, Mapping[str, Column], bytes | None]]:
        """Pickle what it was made of."""
        offsets = None if self.offsets is None else self.offsets.tobytes()
        return type(self), (self.layout, self.rows, self.columns, offsets)

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def __len__(self) -> int:
        return self.rows

    def __repr__(self) -> str:
        return f"<Table {self.layout.name}: {self.rows:,} rows of {len(self.columns)} columns>"

    def of(self, connection: int) -> range:
        """Return the rows of a connection, by its place among the connections taken, the first being 0.

        Raises:
            TypeError: the rows of this table do not belong to connections.
        """
        if self.offsets is None:
            raise TypeError(f"the rows of {self.layout.name} do not belong to connections")
        return range(self.offsets[connection], self.offsets[connection + 1])

    def row(self, row: int) -> dict[str, Value]:
        """Return one row, the values by the names of the columns."""
        return {name: column[row] for name, column in self.columns.items()}

    def __arrow_c_schema__(self) -> object:
        """Export the types of the columns as a capsule of Arrow's C data interface.

        Raises:
            Unavailable: ``nanoarrow`` is not installed.
        """
        from wirestat.tables.arrow import schema

        return schema(self).__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Export the table as a capsule of Arrow's C stream interface; numbers are not copied.

        Raises:
            OverflowError: the texts of a column take up more than Arrow can say: take fewer connections at once.
            Unavailable: ``nanoarrow`` is not installed.
        """
        from wirestat.tables.arrow import stream

        return stream(self).__arrow_c_stream__(requested_schema)
