"""Tables for other tools, one file per format: a module with ``write``, and a line in ``EXPORTS``.

``wirestat.report.tables`` defines the tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

if TYPE_CHECKING:
    from wirestat.tables import Layout, Table

EXPORTS = {
    "csv": "wirestat.export.csv",
    "parquet": "wirestat.export.parquet",
    "arrow": "wirestat.export.arrow",
}
"""Every format by name, which is also its file extension, and its module."""

ENDINGS = {f".{name}": name for name in EXPORTS}
"""The format of a file extension."""

BINARY = frozenset({"parquet", "arrow"})
"""Formats that no terminal can show."""


class Export(Protocol):
    """The module of a format."""

    CONNECTIONS: int | None
    """The best batch size in connections; ``None`` for any."""

    def write(self, layout: Layout, batches: Iterator[Table], stream: BinaryIO) -> None:
        """Write the batches of one table, one after the other.

        Raises:
            OSError: the stream cannot be written to.
            Unavailable: a library that it takes is not installed.
        """


def load(name: str) -> Export:
    """Import a format.

    Raises:
        Unavailable: a library that it takes is not installed.
    """
    __import__(EXPORTS[name])  # as in report.formats
    return cast("Export", sys.modules[EXPORTS[name]])
