"""Tables as Arrow, through ``nanoarrow``: numbers without a copy, names written out, sets as lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wirestat import _core
from wirestat.errors import Unavailable
from wirestat.tables.column import Column, packed
from wirestat.tables.schema import TIME, Field

if TYPE_CHECKING:
    from collections.abc import Iterable

    import nanoarrow
    from nanoarrow.c_array import CArray
    from nanoarrow.c_schema import CSchema

    from wirestat.tables.table import Table

try:
    import nanoarrow
    from nanoarrow.c_array_stream import CArrayStream
except ImportError:
    raise Unavailable.by_extra("nanoarrow", "data") from None


def schema(table: Table) -> nanoarrow.Schema:
    """Return the types of the columns."""
    return nanoarrow.struct({name: _type(column.field) for name, column in table.columns.items()})


def stream(table: Table) -> CArrayStream:
    """Return the table as a stream of one batch."""
    return nanoarrow.c_array_stream(_batch(table, schema(table)))


def streamed(tables: Iterable[Table]) -> CArrayStream:
    """Return batches of one table as a stream for files: times are integers, and columns say what they mean.

    Raises:
        ValueError: there is no batch.
    """
    batches = []
    for table in tables:
        described = nanoarrow.struct(
            {name: _described(column.field) for name, column in table.columns.items()}
        )
        batches.append(_batch(table, described))
    if not batches:
        raise ValueError("no batch, and so no schema")
    return CArrayStream.from_c_arrays(batches, batches[0].schema)


def _batch(table: Table, described: nanoarrow.Schema) -> CArray:
    columns = [_array(column) for column in table.columns.values()]
    return nanoarrow.c_array_from_buffers(described, table.rows, [None], children=columns)


def _described(field: Field) -> CSchema:
    kind = nanoarrow.int64() if field.unit == TIME else _type(field)
    meaning = {"meaning": field.meaning, **({"unit": field.unit} if field.unit else {})}
    return nanoarrow.c_schema(kind).modify(metadata=meaning)


def _type(field: Field) -> nanoarrow.Schema:
    match field.type:
        case "set":
            return nanoarrow.list_(nanoarrow.string())
        case "counts":
            return nanoarrow.fixed_size_list(nanoarrow.uint64(), field.width // 8)
        case "bool":
            return nanoarrow.bool_()
    if field.dictionary:
        return nanoarrow.string()
    if field.unit == TIME:
        return nanoarrow.timestamp("ns", timezone="UTC")
    numbers = {
        "u8": nanoarrow.uint8, "u16": nanoarrow.uint16, "u32": nanoarrow.uint32,
        "u64": nanoarrow.uint64, "i64": nanoarrow.int64,
    }  # fmt: skip
    return numbers[field.type]()


def _array(column: Column) -> CArray:
    field, rows, values = column.field, len(column), column.raw
    kind = _type(field)
    match field.type:
        case "set":
            lists, offsets, text = _core.members(values, field.width, list(column.names or ()))
            count = memoryview(lists).cast("i")[rows]
            inside = nanoarrow.c_array_from_buffers(nanoarrow.string(), count, [None, offsets, text])
            return nanoarrow.c_array_from_buffers(kind, rows, [None, lists], children=[inside])
        case "counts":
            inside = nanoarrow.c_array_from_buffers(nanoarrow.uint64(), len(column.data), [None, values])
            return nanoarrow.c_array_from_buffers(kind, rows, [None], children=[inside])
        case "bool":
            bits = _core.validity(values, b"\0")
            return nanoarrow.c_array_from_buffers(kind, rows, [None, _all(rows) if bits is None else bits])
    is_there = _core.validity(values, field.null_bytes)
    if field.dictionary:
        offsets, text = _core.spell(values, field.width, packed(column.names or ()))
        return nanoarrow.c_array_from_buffers(kind, rows, [is_there, offsets, text])
    return nanoarrow.c_array_from_buffers(kind, rows, [is_there, values])


def _all(rows: int) -> bytes:
    return b"\xff" * (-(-rows // 8))
