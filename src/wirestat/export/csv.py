"""CSV (RFC 4180): a heading; missing values are empty cells, the names of a set are separated by ``|``."""

from collections.abc import Iterator
from typing import BinaryIO

from wirestat import tables
from wirestat.tables import Layout, Table

CONNECTIONS = 4096
"""Connections that are written at a time: their text stays in the processor's cache."""


def write(layout: Layout, batches: Iterator[Table], stream: BinaryIO) -> None:
    """Write a table: see ``Export.write``."""
    stream.write(",".join(field.name for field in layout.fields).encode() + b"\n")
    for batch in batches:
        stream.write(tables.csv(batch))
