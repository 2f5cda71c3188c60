"""``wirestat history``: who was in which state, in what ``wirestat live --store`` has kept."""

import csv
import io
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import msgspec

from wirestat.commands.asking import where_option
from wirestat.commands.instants import Instant
from wirestat.commands.options import limit_option, names_option, read_instant, voice_options
from wirestat.commands.voice import Voice
from wirestat.errors import UsageError
from wirestat.model import GONE, Side, State
from wirestat.names import Dialect, spell
from wirestat.timers import SECOND, duration

if TYPE_CHECKING:
    from wirestat.history.asking import History, Row
    from wirestat.query.tree import Tree
    from wirestat.report.selection import Question

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
    names: str
    limit: int

    @property
    def tree(self) -> "Tree | None":
        """The filter; ``None`` where nobody gave any."""
        return self.where.tree if self.where else None


@click.command("history")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--at", callback=read_instant, metavar="TIME", help="The instant; without it, the end of what is kept."
)
@click.option(
    "--each", metavar="TIME", help="How many ends were in each state, again and again, as every 10m."
)
@click.option("--from", "begin", callback=read_instant, metavar="TIME", help="Where the series begins.")
@click.option("--to", "end", callback=read_instant, metavar="TIME", help="Where the series ends.")
@where_option("Only connections of which this holds at that instant.")
@click.option(
    "--format", type=click.Choice(["text", "csv", "ndjson", "html"]), default="text", show_default=True,
    help="How to write it.",
)  # fmt: skip
@names_option
@limit_option
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> None:
    """Say who was in which state at an instant, or how many were, again and again.

    DIR is what 'wirestat live --store DIR' writes; it may go on writing. Times are as 'analyze --at' takes them,
    counted from the first interval. What is told of an instant is what was believed then.

    Exit codes: 0 done; 2 usage; 3 there is no such history, or an interval of it cannot be read; 69 a package is
    missing.
    """
    options = _Options(**values)
    if (options.begin or options.end) and not options.each:
        raise UsageError("--from and --to are about a series: they take --each")
    if options.at and options.each:
        raise UsageError("--at names one instant, and --each a series of them")
    from wirestat.history.asking import History

    history = History(options.folder)
    if options.each:
        _tell_series(history, options, duration(options.each))
    else:
        _tell_instant(history, options, voice)


def _tell_series(history: "History", options: _Options, step_ns: int) -> None:
    """Tell how many ends were in each state, again and again."""
    times = _instants(history, step_ns, (options.begin, options.end))
    dialect = Dialect(options.names)
    if options.format == "html":
        _print(_drawn(history, times, options.tree, dialect))
    else:
        _write(_series(history, times, options.tree, dialect), options.format, ("time", "state", *Side))


def _tell_instant(history: "History", options: _Options, voice: Voice) -> None:
    """Tell who was in which state at an instant."""
    at_ns = options.at.resolve(history.start_ns, history.end_ns) if options.at else history.end_ns
    if not history.was_written(at_ns):
        voice.warning("nothing was captured at that time")
    if options.format in ("text", "html"):
        found, count = (
            history.at(at_ns, options.tree, options.limit or None),
            history.count(at_ns, options.tree),
        )
        shown = _table if options.format == "text" else _page
        _print(shown(found, count, at_ns, Dialect(options.names)))
    else:
        found = history.at(at_ns, options.tree)
        _write(found, options.format, tuple(found[0]) if found else ())


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _instants(history: "History", step_ns: int, ends: tuple[Instant | None, Instant | None]) -> range:
    bounds = history.start_ns, history.end_ns
    first_ns = ends[0].resolve(*bounds) if ends[0] else bounds[0]
    last_ns = ends[1].resolve(*bounds) if ends[1] else bounds[1]
    if not step_ns:
        raise UsageError("--each takes more than no time")
    if first_ns > last_ns:
        raise UsageError("the series ends before it begins: --from is later than --to")
    if (last_ns - first_ns) // step_ns >= _MOST:
        raise UsageError("--each asks for too many instants", hint=f"no more than {_MOST:,}, please")
    return range(first_ns, last_ns + 1, step_ns)


def _series(history: "History", times: range, tree: "Tree | None", dialect: Dialect) -> Iterator["Row"]:
    """Yield a row for each instant and state that any end was in."""
    for at_ns, counts in history.states(times, tree):
        for state in State:
            if state not in GONE and any(counts[side][state] for side in Side):
                numbers = {str(side): counts[side][state] for side in Side}
                yield {
                    "time": f"{at_ns // SECOND}.{at_ns % SECOND:09d}",
                    "state": spell(state, dialect),
                    **numbers,
                }


def _drawn(history: "History", times: range, tree: "Tree | None", dialect: Dialect) -> Iterator[str]:
    from wirestat.history import page
    from wirestat.report.words import moment

    counts = [counts for _, counts in history.states(times, tree)]
    states = [
        (
            spell(state, dialect),
            [one[Side.CLIENT][state] for one in counts],
            [one[Side.SERVER][state] for one in counts],
        )
        for state in State
        if state not in GONE and any(one[side][state] for one in counts for side in Side)
    ]
    yield from page.of_series("States over time", [moment(time_ns) for time_ns in times], states)


def _write(rows: "Iterable[Row]", format: str, heading: tuple[str, ...]) -> None:
    """Write rows as they come: with spaces between for awk, as CSV, or as JSON."""
    names = [str(name) for name in heading]
    if format == "text":
        click.echo(" ".join(names))
    elif format == "csv" and names:
        click.echo(",".join(names))
    for row in rows:
        if format == "ndjson":
            click.echo(msgspec.json.encode(row).decode())
        elif format == "csv":
            line = io.StringIO()
            csv.writer(line, lineterminator="").writerow(["" if one is None else one for one in row.values()])
            click.echo(line.getvalue())
        else:
            click.echo(" ".join(str(row[name]) for name in names))


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


def _page(rows: list["Row"], count: int, at_ns: int, dialect: Dialect) -> Iterator[str]:
    from wirestat.history import page

    heading = _title(count, at_ns)
    left = f", {len(rows):,} of them below (--limit 0 for all)" if len(rows) < count else ""
    yield from page.of_table(heading + left, _HEADING, _cells(rows, at_ns, dialect))


def _title(count: int, at_ns: int) -> str:
    from wirestat.report.words import moment
    from wirestat.words import some

    return f"{some(count, 'connection')} at {moment(at_ns)}"


def _table(rows: list["Row"], count: int, at_ns: int, dialect: Dialect) -> Iterator[str]:
    from wirestat.report.layout import View, more, table
    from wirestat.report.paint import Paint, paint_for

    paint = paint_for(sys.stdout, dict(os.environ)) if sys.stdout.isatty() else Paint()
    yield paint("title", _title(count, at_ns))
    if not rows:
        return
    heading, *body = table([_HEADING, *_cells(rows, at_ns, dialect)], "><<><<>", indent="")
    yield paint("faint", heading)
    yield from body
    yield from more(len(rows), count, View())
