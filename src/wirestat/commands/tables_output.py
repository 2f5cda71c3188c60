"""Exported tables: which, and to where."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from wirestat import export
from wirestat.commands.folder import filled
from wirestat.commands.output import opened
from wirestat.errors import UsageError
from wirestat.report.build import Report
from wirestat.report.formats import TABLES

WriteTables = Callable[[Report, bytes | None], None]
"""Writes the tables of a report, for all connections or for the selected ones."""


def chosen_tables(names: Sequence[str], output: Path | None) -> tuple[tuple[str, ...], bool]:
    """Return the requested tables, and whether they go to a folder.

    The output is a folder if it is one already, has no extension, or gets several tables.

    Raises:
        UsageError: several tables would go to standard output.
    """
    tables = tuple(dict.fromkeys(names))
    is_folder = output is not None and (output.is_dir() or not (output.exists() or output.suffix))
    if len(tables) > 1 and not is_folder:
        raise UsageError(
            f"{len(tables)} tables do not fit in one output", hint="name a folder for them, as in -o tables"
        )
    return tables or (TABLES if is_folder else TABLES[:1]), is_folder


@contextmanager
def opened_tables(
    format: str, names: Sequence[str], output: Path | None, inputs: Sequence[str]
) -> Iterator[WriteTables]:
    """Open the output of the tables before anything is read, and yield the writer.

    Raises:
        UsageError: the output is impossible, or a terminal that cannot show the format.
        PermissionDenied: it may not be written.
        Unavailable: a library that the format takes is not installed.
    """
    tables, is_folder = chosen_tables(names, output)
    if output is None and format in export.BINARY and sys.stdout.isatty():
        raise UsageError(
            f"{format} is not for terminals", hint=f"name a file for it, as in -o {tables[0]}.{format}"
        )
    module = export.load(format)
    from wirestat.report.tables import batches, layout  # imported here, as it loads the core

    def write(report: Report, table: str, chosen: bytes | None, stream: BinaryIO) -> None:
        module.write(layout(table), batches(report, table, chosen, size=module.CONNECTIONS), stream)

    if output is not None and is_folder:
        with filled(output) as folder:

            def write_all(report: Report, chosen: bytes | None) -> None:
                for table in tables:
                    with folder.file(f"{table}.{format}") as stream:
                        write(report, table, chosen, stream)

            yield write_all
        return
    with opened(output, inputs) as one:

        def write_one(report: Report, chosen: bytes | None) -> None:
            write(report, tables[0], chosen, one.stream)
            one.stream.flush()

        yield write_one
