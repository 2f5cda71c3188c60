"""The table ``files``: the result of each capture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wirestat.batch.task import Done
from wirestat.replacing import replacing
from wirestat.tables import Field, Layout, Table
from wirestat.tables.making import column, number, text, time

_NO_TEXT = (1 << 32) - 1

FIELDS = (
    Field(
        "number",
        "u32",
        4,
        None,
        None,
        None,
        "What rows of the other tables name it by, in their column file.",
    ),
    text("name", "The file as it was named, or found.", _NO_TEXT),
    Field("code", "u32", 4, None, None, None, "The exit code that wirestat analyze would have had."),
    text("reason", "Why it could not be read, or not to its end; null if it could.", _NO_TEXT),
    number("files", "Files that were read as one.", "files"),
    number("bytes", "Their size.", "bytes"),
    number("frames", "Frames read.", "frames"),
    number("connections", "TCP connections.", "connections"),
    number("transitions", "Changes of state, of both ends.", "transitions"),
    time("first_time_ns", "When the first frame was captured."),
    time("last_time_ns", "When the last frame was captured."),
    number("cpu_ns", "Processor time that it took.", "ns"),
    text(
        "key",
        "A digest of its content, by which --resume knows it again; null if it could not be read.",
        _NO_TEXT,
    ),
)
LAYOUT = Layout("files", "A capture a row, in the order in which captures were found.", FIELDS)
"""The description of the table."""


def write(folder: Path, done: Sequence[Done]) -> None:
    """Write ``files.parquet``.

    Raises:
        OSError: it cannot be written.
        Unavailable: the library that writes Parquet is not installed.
    """
    from wirestat.export import load

    columns = {field.name: column(field, [getattr(one, field.name) for one in done]) for field in FIELDS}
    table = Table(LAYOUT, len(done), columns)
    with replacing(folder / "files.parquet") as new, new.open("wb") as stream:
        load("parquet").write(LAYOUT, iter([table]), stream)
