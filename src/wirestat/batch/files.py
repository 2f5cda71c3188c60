"""The table ``files``: what became of each capture."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path

from wirestat.batch.store import replacing
from wirestat.batch.task import Done
from wirestat.tables import Column, Field, Layout, Table

_NONE = -(1 << 63)
_TIME = "ns since the Unix epoch"


def _text(name: str, meaning: str) -> Field:
    return Field(name, "u32", 4, None, (1 << 32) - 1, name, meaning)


def _number(name: str, unit: str | None, meaning: str) -> Field:
    return Field(name, "u64", 8, unit, None, None, meaning)


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
    _text("name", "The file as it was named, or found."),
    Field("code", "u32", 4, None, None, None, "The exit code that wirestat analyze would have had."),
    _text("reason", "Why it could not be read, or not to its end; null if it could."),
    _number("files", "files", "Files that were read as one."),
    _number("bytes", "bytes", "Their size."),
    _number("frames", "frames", "Frames read."),
    _number("connections", "connections", "TCP connections."),
    _number("transitions", "transitions", "Changes of state, of both ends."),
    Field("first_time_ns", "i64", 8, _TIME, _NONE, None, "When the first frame was captured."),
    Field("last_time_ns", "i64", 8, _TIME, _NONE, None, "When the last frame was captured."),
    _number("cpu_ns", "ns", "Processor time that it took."),
    _text("key", "A digest of its content, by which --resume knows it again; null if it could not be read."),
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

    columns = {field.name: _column(field, [getattr(one, field.name) for one in done]) for field in FIELDS}
    table = Table(LAYOUT, len(done), columns)
    with replacing(folder / "files.parquet") as new, new.open("wb") as stream:
        load("parquet").write(LAYOUT, iter([table]), stream)


def _column(field: Field, values: list[int | str | None]) -> Column:
    null = field.null or 0
    names: dict[str, int] = {}
    if field.dictionary is None:
        numbers = [null if one is None else int(one) for one in values]
    else:
        numbers = [null if one is None else names.setdefault(str(one), len(names)) for one in values]
    return Column(field, array(field.format, numbers).tobytes(), list(names) if field.dictionary else None)
