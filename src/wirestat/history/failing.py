"""Errors of reading an interval's files, reworded: the library's messages are about internal SQL."""

from __future__ import annotations

from pathlib import Path

import duckdb

from wirestat.errors import InputError

_FOREIGN = (duckdb.BinderException, duckdb.CatalogException, duckdb.ConversionException)
_DAMAGED = (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException)


def failure(error: duckdb.Error, paths: list[Path]) -> Exception:
    """Return the exception for a failed query on some files: the first that is named, or gone, is at fault."""
    gone = next((path for path in paths if not path.exists()), None)
    if gone is not None:
        return InputError("missing", str(gone), None, "it was removed during the query")
    said = str(error)
    # A file that lacks something is the one with the figures, and is not named by the library.
    path = next((path for path in paths if str(path) in said), paths[-1])
    if isinstance(error, duckdb.OutOfMemoryException):
        return MemoryError()
    if isinstance(error, _FOREIGN):
        return InputError(
            "not a table", str(path), None, "it lacks a column: another version of wirestat wrote it"
        )
    if isinstance(error, _DAMAGED):
        return InputError("not a table", str(path), None, "it is cut short or damaged: no table in Parquet")
    return InputError("not a table", str(path), None, said.splitlines()[0].partition(": ")[2] or said)
