"""Parquet, compressed with zstd; every column says its unit and meaning in the metadata of Arrow's schema.

The writer is parquet-rs, through ``arro3-io``. Measured on 120,000 connections and 1.1 million transitions, it takes
0.33 s of CPU time and 33 MB on disk; pyarrow takes 0.64 s and 170 MB, DuckDB 0.74 s and 69 MB.
"""

from collections.abc import Iterator
from typing import BinaryIO

from wirestat.export.sink import needs, sinking
from wirestat.tables import Layout, Table

with needs():
    from arro3.io import write_parquet

    from wirestat.tables.arrow import streamed

_ROWS = 1 << 20
"""Rows of a group."""

CONNECTIONS = None


def write(layout: Layout, batches: Iterator[Table], stream: BinaryIO) -> None:
    """Write a table: see ``Export.write``."""
    numbers = [field.name for field in layout.fields if not field.dictionary and field.type != "bool"]
    with sinking(stream) as sink:
        write_parquet(
            streamed(batches),
            sink,
            compression="zstd(1)",
            max_row_group_size=_ROWS,
            # Times and frame numbers hardly repeat: a dictionary would be as long as the column.
            column_dictionary_enabled=dict.fromkeys(numbers, False),
        )
