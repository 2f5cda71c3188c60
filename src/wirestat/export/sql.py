"""SQL over the tables, with DuckDB: a table is read only if the query names it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from wirestat.errors import UsageError
from wirestat.export.sink import needs
from wirestat.report.tables import batches, layout

if TYPE_CHECKING:
    from wirestat.report.build import Report

with needs("sql"):
    import duckdb

    from wirestat.tables.arrow import streamed

TABLES = ("connections", "transitions", "facts", "findings", "listeners")
"""The tables for queries."""
_AT_ONCE = 1000
_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "python_enable_replacements": False,  # DuckDB would take an unknown table name for one of our Python variables
}
_NEAR = re.compile(r'at or near "(\w+)"')
_KIND = re.compile(r"^(?:[A-Z]\w+ )+Error: ")
"""The library's class of an error, before what it says."""
_NO_TABLE = re.compile(r"Table with name (.+?) does not exist")
_NO_COLUMN = re.compile(r'Referenced column "(.+?)" (?:was )?not found|does not have a column named "(.+?)"')


class _Scan:
    """A table that can be read any number of times."""

    def __init__(self, report: Report, name: str) -> None:
        self._report = report
        self._name = name

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return streamed(batches(self._report, self._name)).__arrow_c_stream__(requested_schema)


class Answer:
    """The result rows of a query."""

    def __init__(self, cursor: Any) -> None:
        """Take the cursor that holds them."""
        self._cursor = cursor
        self.columns = tuple(column[0] for column in cursor.description or ())

    def rows(self) -> Iterator[Sequence[Any]]:
        """Yield the rows.

        Raises:
            UsageError: a row cannot be made, as where a text is no number.
        """
        while rows := _said(lambda: self._cursor.fetchmany(_AT_ONCE)):
            yield from rows


@contextmanager
def asking(report: Report, question: str) -> Iterator[Answer]:
    """Ask a question about the tables of a report.

    Raises:
        UsageError: it is not understood.
    """
    with duckdb.connect(":memory:", config=_CONFIG) as connection:
        for name in TABLES:
            connection.register(name, _Scan(report, name))
        cursor = _said(lambda: connection.execute(question))
        if cursor is None:
            raise UsageError("there is no question", hint="SELECT * FROM connections LIMIT 3, for instance")
        yield Answer(cursor)


def _said(ask: Any) -> Any:
    """Run DuckDB; its errors are about the query."""
    try:
        return ask()
    except duckdb.Error as error:
        first, *others = str(error).strip().splitlines()
        raise UsageError(*_in_our_words(first), excerpt=_excerpt(others)) from None


def _in_our_words(complaint: str) -> tuple[str, str | None]:
    """Return the mistake in a query, and a hint."""
    if found := _NO_TABLE.search(complaint):
        return f"there is no table {found[1]!r}", f"the tables are {', '.join(TABLES)}"
    if found := _NO_COLUMN.search(complaint):
        name = found[1] or found[2]
        return f"there is no column {name!r}", _like(name)
    said = _KIND.sub("", complaint)
    begin = said if said[1:2].isupper() else said[:1].lower() + said[1:]
    return f"the question cannot be answered: {begin}", _quoted(complaint)


def _excerpt(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines that mark the place, without the library's own suggestions."""
    start = next((place for place, line in enumerate(lines) if line.startswith("LINE ")), len(lines))
    return tuple(line for line in lines[start:] if line.strip())


def _like(name: str) -> str:
    """Name columns with similar names, with their tables."""
    tables: dict[str, list[str]] = {}
    for table in TABLES:
        for field in layout(table).fields:
            tables.setdefault(field.name, []).append(table)
    from difflib import get_close_matches  # imported here, as only mistakes need it

    near = get_close_matches(name.lower(), tables, 3, 0.6)
    if not near:
        return "docs/tables.md lists the columns of each table"
    return "is it " + ", or ".join(f"{one} (of {', '.join(tables[one])})" for one in near)


def _quoted(complaint: str) -> str | None:
    """Say how to quote a column whose name is an SQL keyword."""
    found = _NEAR.search(complaint)
    names = {field.name for table in TABLES for field in layout(table).fields}
    if found is None or found[1].lower() not in names:
        return None
    return (
        f"the column {found[1]} is a word of SQL as well: it is written with its table, or in quotation marks"
    )
