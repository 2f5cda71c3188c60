"""``wirestat sql``: SQL queries about captures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import wirestat
from wirestat.commands.codes import Code
from wirestat.commands.inputs import as_one
from wirestat.commands.options import read_output, voice_options
from wirestat.commands.outcome import failures
from wirestat.commands.output import opened
from wirestat.commands.voice import Voice
from wirestat.errors import UsageError

if TYPE_CHECKING:
    from wirestat.export.sql import Answer

_FORMATS = ("text", "csv", "ndjson")


@click.command("sql")
@click.argument("question", metavar="SELECT")
@click.argument("captures", nargs=-1, required=True, metavar="CAPTURE...")
@click.option("--format", type=click.Choice(_FORMATS), help="The output format; by default 'text'.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), callback=read_output, metavar="FILE",
    help="Write the answer to a file; its extension gives the format unless --format does.",
)  # fmt: skip
@voice_options
@click.pass_obj
def command(
    voice: Voice, question: str, captures: tuple[str, ...], format: str | None, output: Path | None
) -> Code:
    """Run an SQL query on the tables connections, transitions, facts, findings and listeners.

    docs/tables.md lists their columns. Times are nanoseconds since the Unix epoch: make_timestamp_ns(first_time_ns)
    turns one into a date. The dialect is DuckDB's, which pip install 'wirestat[sql]' brings.
    """
    chosen = format or _said_by(output) or _FORMATS[0]
    if _is_file(question):
        raise UsageError(
            f"{question} is a file, not a query",
            hint="the query comes first: wirestat sql 'SELECT * FROM connections' CAPTURE",
        )
    inputs = as_one(captures, voice)
    from wirestat.export.sql import asking  # imported here, as it loads the core and DuckDB

    with opened(output, inputs) as out:
        report = wirestat.analyze(*inputs)
        with asking(report, question) as answer:
            out.write(_text(answer) if chosen == "text" else _FOR_PROGRAMS[chosen](answer))
    return Code.INPUT if failures(report, voice) else Code.DONE


def _is_file(question: str) -> bool:
    try:
        return Path(question).is_file()
    except (OSError, ValueError):
        return False  # no file can have such a name


def _said_by(output: Path | None) -> str | None:
    if output is None:
        return None
    ending = output.suffix.lower().lstrip(".")
    known = {"txt": "text", "jsonl": "ndjson", **{name: name for name in _FORMATS}}
    if ending and ending not in known:
        raise UsageError(
            f"{output}: its name says {ending}, which an answer is not written as",
            hint=f"--format takes {', '.join(_FORMATS)}; COPY ... TO writes others",
        )
    return known.get(ending)


def _text(answer: Answer) -> Iterator[str]:
    """Yield aligned columns: numbers to the right."""
    rows = list(answer.rows())
    cells = [[_cell(value) for value in row] for row in rows]
    is_number = [
        all(isinstance(row[place], int | float | None) for row in rows)
        for place in range(len(answer.columns))
    ]
    widths = [max(map(len, column)) for column in zip(answer.columns, *cells, strict=True)]
    for line in (answer.columns, *cells):
        padded = (
            f"{cell:>{width}}" if right else f"{cell:<{width}}"
            for cell, width, right in zip(line, widths, is_number, strict=True)
        )
        yield "  ".join(padded).rstrip()


def _csv(answer: Answer) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in _lines(answer):
        writer.writerow([f"'{cell}" if _is_formula(cell) else cell for cell in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def _is_formula(cell: object) -> bool:
    """Whether a spreadsheet would compute a text; that of a finding may begin with the name of a capture."""
    return isinstance(cell, str) and cell.startswith(("=", "+", "-", "@"))


def _lines(answer: Answer) -> Iterator[Sequence[Any]]:
    yield answer.columns
    for row in answer.rows():
        yield [_cell(value) if isinstance(value, list | bool) else value for value in row]


def _ndjson(answer: Answer) -> Iterator[bytes]:
    from wirestat.report.encoding import encode

    for row in answer.rows():
        yield encode(dict(zip(answer.columns, row, strict=True))) + b"\n"


_FOR_PROGRAMS = {"csv": _csv, "ndjson": _ndjson}


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return "|".join(map(str, value))
    return str(value)
