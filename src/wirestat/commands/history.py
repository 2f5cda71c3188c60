"""``wirestat history``: queries the record that ``wirestat live --store`` has kept."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from wirestat import export
from wirestat.commands.filter_options import where_option
from wirestat.commands.instants import Instant
from wirestat.commands.options import (
    limit_option,
    names_option,
    read_instant,
    read_output,
    voice_options,
    zone_option,
)
from wirestat.commands.output import Output, opened
from wirestat.commands.voice import Voice
from wirestat.errors import UsageError
from wirestat.model import GONE, Side, State
from wirestat.names import Dialect, spell
from wirestat.timers import duration
from wirestat.zones import Zone

if TYPE_CHECKING:
    from wirestat.history.queries import History, Row, States
    from wirestat.query.tree import Tree
    from wirestat.report.paint import Paint
    from wirestat.report.selection import Question
    from wirestat.tables import Layout, Table

_FORMATS = ("text", "csv", "parquet", "arrow", "ndjson", "html")
_MOST = 100_000
"""Instants of a series."""
_HEADING = ("id", "client", "state", "for", "server", "state", "for")


class _Options(NamedTuple):
    """Arguments and options of the command."""

    folder: Path
    at: Instant | None
    each: str | None
    begin: Instant | None
    end: Instant | None
    where: "Question | None"
    format: str
    output: Path | None
    names: str
    zone: Zone | None
    limit: int

    @property
    def tree(self) -> "Tree | None":
        """The filter; ``None`` if none was given."""
        return self.where.tree if self.where else None


@click.command("history")
@click.argument("folder", type=click.Path(path_type=Path, readable=False), metavar="DIR")
@click.option(
    "--at", callback=read_instant, metavar="TIME", help="The instant; by default the end of the record."
)
@click.option("--each", metavar="TIME", help="Count the ends in each state at this interval, as 10m.")
@click.option("--from", "begin", callback=read_instant, metavar="TIME", help="Beginning of the series.")
@click.option("--to", "end", callback=read_instant, metavar="TIME", help="End of the series.")
@where_option("Only connections for which this is true at that instant.")
@click.option("--format", type=click.Choice(_FORMATS), help="The output format; by default 'text'.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), callback=read_output, metavar="FILE",
    help="Write to a file; its extension gives the format unless --format does.",
)  # fmt: skip
@names_option
@zone_option
@limit_option
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> None:
    """Show which ends were in which state at an instant, or counts at regular intervals.

    DIR is the folder of 'wirestat live --store DIR', which may still be running. Times have the syntax of 'analyze
    --at', counted from the first interval; a time of day is the last such time in the record. The states at an
    instant are those believed then.

    Exit codes: 0 done; 2 usage; 3 there is no such history, or an interval of it cannot be read; 4 permission
    denied; 69 a package is missing.
    """
    from wirestat.commands.naming import settled

    options = _Options(**settled(values, _FORMATS, voice))
    if (options.begin or options.end) and not options.each:
        raise UsageError("--from and --to need --each")
    if options.at and options.each:
        raise UsageError("--at names one instant, and --each a series of them")
    if options.format in export.BINARY and options.output is None and sys.stdout.isatty():
        raise UsageError(
            f"{options.format} is not for terminals",
            hint=f"name a file for it, as in -o states.{options.format}",
        )
    from wirestat.history.queries import History

    history = History(options.folder)
    with opened(options.output, ()) as out:
        if options.each:
            _tell_series(history, options, duration(options.each), out)
        else:
            _tell_instant(history, options, voice, out)


def _tell_series(history: "History", options: _Options, step_ns: int, out: Output) -> None:
    """Write the number of ends in each state at regular intervals."""
    times = _instants(history, step_ns, options)
    dialect = Dialect(options.names)
    if options.format == "html":
        out.write(_drawn(history, times, options, dialect))
        return
    if options.format == "text":
        out.write(_counted(history, times, options, dialect))
        return
    rows = _series(history, times, options.tree, dialect)
    if options.format == "ndjson":
        _write_records(rows, out)
    else:
        from wirestat.history import tables

        _write_table(tables.SERIES, tables.of_series(rows), options.format, out)


def _tell_instant(history: "History", options: _Options, voice: Voice, out: Output) -> None:
    """Write which ends were in which state at an instant."""
    at_ns = _resolved(options.at, history, history.end_ns, options.zone) if options.at else history.end_ns
    if not history.was_written(at_ns):
        voice.warning("nothing was captured at that time")
    if options.format in ("text", "html"):
        found, count = (
            history.at(at_ns, options.tree, options.limit or None),
            history.count(at_ns, options.tree),
        )
        shown = _table if options.format == "text" else _page
        told = _title(count, at_ns, options.zone or Zone())
        out.write(shown(told, found, count, at_ns, Dialect(options.names)))
        return
    batches = history.batches(at_ns, options.tree)
    if options.format == "ndjson":
        _write_records((row for rows in batches for row in rows), out)
    else:
        from wirestat.history import tables

        _write_table(tables.INSTANT, tables.of_instant(batches), options.format, out)


def _write_table(layout: "Layout", batches: "Iterator[Table]", format: str, out: Output) -> None:
    export.load(format).write(layout, batches, out.stream)
    out.stream.flush()


def _write_records(rows: "Iterable[Row]", out: Output) -> None:
    from wirestat.report.encoding import encode

    out.write(encode(row) + b"\n" for row in rows)


def _counted(history: "History", times: range, options: _Options, dialect: Dialect) -> Iterator[str]:
    """Yield a line for each instant with the number of clients and of servers in each state."""
    from wirestat.report.words import moment

    zone = options.zone or Zone()
    found = list(history.states(times, options.tree))
    states = _occupied(counts for _, counts in found)
    heading = ("clients/servers", *(spell(state, dialect) for state in states))
    rows = [
        (moment(at_ns, zone), *(_in(counts, state) or _none(history, at_ns) for state in states))
        for at_ns, counts in found
    ]
    yield from _painted([heading, *rows], "<" + ">" * len(states))


def _occupied(counts: "Iterable[States]") -> list[State]:
    """Return the states that any end is in, at any of the instants."""
    every = list(counts)
    return [
        state
        for state in State
        if state not in GONE and any(one[side][state] for one in every for side in Side)
    ]


def _none(history: "History", at_ns: int) -> str:
    """Write that no end was in a state at an instant, or that nothing was captured then."""
    return "·" if history.was_written(at_ns) else "?"


def _in(counts: "States", state: State) -> str:
    """Write how many clients and servers are in a state, as ``3/1``; nothing where none is."""
    numbers = [counts[side][state] for side in Side]
    return "/".join(str(number or "·") for number in numbers) if any(numbers) else ""


def _resolved(at: Instant, history: "History", until_ns: int, zone: Zone | None) -> int:
    """Return an instant in Unix ns; a time of day is the last such time in the record, up to ``until_ns``."""
    found = at.resolve_within(history.start_ns, until_ns)
    if found is None:
        from wirestat.report.words import moment

        first, last = (moment(time_ns, zone or Zone()) for time_ns in (history.start_ns, until_ns))
        raise UsageError(
            f"there is no such time of day from {first} to {last}", hint="name a time with its date"
        )
    return found


def _instants(history: "History", step_ns: int, options: _Options) -> range:
    """Return the instants of a series; its beginning is before its end, also where both are times of day."""
    last_ns = history.end_ns
    if options.end:
        last_ns = _resolved(options.end, history, last_ns, options.zone)
    first_ns = history.start_ns
    if options.begin:
        until_ns = min(max(last_ns, first_ns), history.end_ns)
        first_ns = _resolved(options.begin, history, until_ns, options.zone)
    if not step_ns:
        raise UsageError("--each must be longer than 0")
    if first_ns > last_ns:
        raise UsageError("the series ends before it begins: --from is later than --to")
    if (last_ns - first_ns) // step_ns >= _MOST:
        raise UsageError("--each asks for too many instants", hint=f"no more than {_MOST:,}, please")
    return range(first_ns, last_ns + 1, step_ns)


def _series(history: "History", times: range, tree: "Tree | None", dialect: Dialect) -> Iterator["Row"]:
    """Yield a row for each instant and each state with any ends."""
    for at_ns, counts in history.states(times, tree):
        for state in State:
            if state not in GONE and any(counts[side][state] for side in Side):
                numbers = {str(side): counts[side][state] for side in Side}
                yield {"time_ns": at_ns, "state": spell(state, dialect), **numbers}


def _drawn(history: "History", times: range, options: _Options, dialect: Dialect) -> Iterator[str]:
    from wirestat.history import page
    from wirestat.report.words import moment

    counts = [counts for _, counts in history.states(times, options.tree)]
    zone = options.zone or Zone()
    states = [
        (
            spell(state, dialect),
            [one[Side.CLIENT][state] for one in counts],
            [one[Side.SERVER][state] for one in counts],
        )
        for state in _occupied(counts)
    ]
    yield from page.of_series("States over time", [moment(time_ns, zone) for time_ns in times], states)


def _cells(rows: list["Row"], at_ns: int, dialect: Dialect) -> list[tuple[str, ...]]:
    from wirestat.spans import span
    from wirestat.words import socket

    return [
        (
            str(row["id"]),
            socket(row["client_address"], row["client_port"]),
            spell(State(row["client_state"]), dialect),
            span(at_ns - row["client_since_ns"]),
            socket(row["server_address"], row["server_port"]),
            spell(State(row["server_state"]), dialect),
            span(at_ns - row["server_since_ns"]),
        )
        for row in rows
    ]


def _page(title: str, rows: list["Row"], count: int, at_ns: int, dialect: Dialect) -> Iterator[str]:
    from wirestat.history import page

    left = f", {len(rows):,} of them below (--limit 0 for all)" if len(rows) < count else ""
    yield from page.of_table(title + left, _HEADING, _cells(rows, at_ns, dialect))


def _title(count: int, at_ns: int, zone: Zone) -> str:
    from wirestat.report.words import moment
    from wirestat.words import some

    return f"{some(count, 'connection')} at {moment(at_ns, zone)}"


def _table(title: str, rows: list["Row"], count: int, at_ns: int, dialect: Dialect) -> Iterator[str]:
    from wirestat.report.layout import View, more

    yield _paint()("title", title)
    if not rows:
        return
    yield from _painted([_HEADING, *_cells(rows, at_ns, dialect)], "><<><<>")
    yield from more(len(rows), count, View())


def _painted(rows: list[tuple[str, ...]], align: str) -> Iterator[str]:
    """Lay out a table whose first row is its heading."""
    from wirestat.report.layout import table

    heading, *body = table(rows, align, indent="")
    yield _paint()("faint", heading)
    yield from body


def _paint() -> "Paint":
    from wirestat.report.paint import Paint, paint_for

    return paint_for(sys.stdout, dict(os.environ)) if sys.stdout.isatty() else Paint()
