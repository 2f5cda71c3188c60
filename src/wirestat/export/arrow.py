"""Arrow's file format, also known as Feather version 2; the metadata of every column has its unit and meaning."""

from collections.abc import Iterator
from typing import BinaryIO

from wirestat.export.sink import needs, sinking
from wirestat.tables import Layout, Table

with needs():
    from arro3.io import write_ipc

    from wirestat.tables.arrow import streamed

CONNECTIONS = None


def write(layout: Layout, batches: Iterator[Table], stream: BinaryIO) -> None:
    """Write a table: see ``Export.write``."""
    with sinking(stream) as sink:
        write_ipc(streamed(batches), sink)
