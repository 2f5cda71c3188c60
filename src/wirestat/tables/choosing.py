"""Selection of rows by a column's values: a byte for each row, 1 if selected, else 0."""

from collections.abc import Collection, Sequence

from wirestat import _core
from wirestat.tables.column import Column


def having(column: Column, names: Collection[str]) -> bytes:
    """Select the rows in which a column with few distinct names has one of the given ones.

    Raises:
        TypeError: the values of the column are not numbers of 8 bits with a dictionary.
    """
    if column.field.type != "u8" or column.names is None:
        raise TypeError(f"{column.field.name} is no column of few different names")
    return column.values.translate(bytes(name in names for name in column.names).ljust(256, b"\0"))


def either(one: bytes, other: bytes) -> bytes:
    """Return the union of two selections."""
    both = int.from_bytes(one, "little") | int.from_bytes(other, "little")
    return both.to_bytes(len(one), "little")


def both(one: bytes, other: bytes) -> bytes:
    """Return the intersection of two selections."""
    common = int.from_bytes(one, "little") & int.from_bytes(other, "little")
    return common.to_bytes(len(one), "little")


def alike(columns: Sequence[Column]) -> tuple[memoryview, list[int]]:
    """Group rows that are equal in all of these columns: the kind of each row, and the first row of each kind."""
    kinds, first = _core.kinds(
        [(column.raw, column.field.width) for column in columns], len(columns[0]) if columns else 0
    )
    return memoryview(kinds).cast("I"), first
