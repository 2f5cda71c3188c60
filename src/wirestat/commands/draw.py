"""``wirestat draw``: pictures of a connection, of many over time, or of the observed state changes."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

import wirestat
import wirestat.report.layout as layout
from wirestat.commands import terminal
from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files
from wirestat.commands.filter_options import where_option
from wirestat.commands.inputs import as_one
from wirestat.commands.options import (
    Count,
    connection_option,
    names_option,
    output_option,
    timer_options,
    voice_options,
)
from wirestat.commands.outcome import outcome
from wirestat.commands.output import opened
from wirestat.commands.render import connection
from wirestat.commands.request import TrackingOptions
from wirestat.commands.voice import Voice
from wirestat.commands.watch import watching
from wirestat.errors import UsageError
from wirestat.model import Connection
from wirestat.report.build import Report

SVG, PNG, MERMAID, TEXT = "svg", "png", "mermaid", "text"
_ENDINGS = {".svg": SVG, ".png": PNG, ".mmd": MERMAID, ".mermaid": MERMAID, ".txt": TEXT}
_GROUNDS = ("auto", "light", "dark")
_ROWS = 40
"""The default number of connections in a timeline."""


class Request(TrackingOptions, frozen=True, kw_only=True):
    """The command line, its values read."""

    captures: tuple[str, ...]
    connection: int | None
    timeline: bool
    states: bool
    where: Any
    limit: int
    format: str | None
    ground: str
    output: Path | None
    max_connections: int | None = None

    @property
    def shape(self) -> str:
        """The format: the requested one, or from the output's extension, or text for a terminal, else SVG."""
        if self.format:
            return self.format
        if self.output is not None:
            return _ENDINGS.get(self.output.suffix.lower(), SVG)
        return TEXT if sys.stdout.isatty() else SVG

    def judge(self) -> None:
        """Reject contradictory options.

        Raises:
            UsageError: two of the options contradict each other.
        """
        if self.timeline and self.states:
            raise UsageError("--timeline draws connections over time, --states the diagram: one at a time")
        if self.states and (self.connection is not None or self.where is not None):
            raise UsageError(
                "--states counts the changes of all connections; --connection and --where choose some"
            )
        if self.timeline and self.shape == MERMAID:
            raise UsageError(
                "mermaid has no lanes of states", hint="--format svg has, and --format text in letters"
            )
        if not self.format and self.output is not None and self.output.suffix.lower() not in ("", *_ENDINGS):
            raise UsageError(
                f"{self.output}: nothing is drawn as {self.output.suffix}",
                hint=f"the name of a picture ends in {', '.join(_ENDINGS)}",
            )
        if self.shape == PNG and self.output is None and sys.stdout.isatty():
            raise UsageError("a terminal cannot show a PNG", hint="write it to a file: -o picture.png")


@click.command("draw")
@click.argument("captures", nargs=-1, metavar="CAPTURE...", shell_complete=complete_files)
@connection_option("Draw this connection; may be omitted if there is only one.")
@click.option("--timeline", is_flag=True, help="Draw connections over time, two lanes of states each.")
@click.option(
    "--states", is_flag=True, help="Draw the diagram of RFC 9293 with how often each arrow was seen."
)
@where_option("Only connections for which this is true, over time.")
@click.option(
    "--limit", type=Count(0), default=_ROWS, show_default=True, metavar="N",
    help="Connections over time; 0 for all.",
)  # fmt: skip
@click.option(
    "--format",
    type=click.Choice([SVG, PNG, MERMAID, TEXT]),
    help="The format; by default from the extension of -o, else text on a terminal and SVG elsewhere.",
)
@click.option(
    "--ground", type=click.Choice(_GROUNDS), default=_GROUNDS[0], show_default=True,
    help="The background: the reader's own, light, or dark.",
)  # fmt: skip
@output_option
@names_option
@timer_options
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> Code:
    """Draw a connection as a ladder, connections over time, or the observed state changes, for documents and tickets.

    Exit codes: 0 done; 2 usage; 3 an input is unreadable or truncated; 4 permission denied; 69 a package is missing;
    130 interrupted.
    """
    request = Request(**{"max_connections": None, **values})
    request.judge()
    inputs = as_one(request.captures, voice)
    with opened(request.output, inputs) as output:
        with watching(visible=sys.stderr.isatty() and not voice.quiet) as watch:
            trace: Any = None if request.timeline or request.states else request.connection or 1
            report = wirestat.analyze(*inputs, timers=request.profile, trace=trace, progress=watch)
        output.write(_picture(report, request))
    ended = outcome(report, None, voice)
    if watch.interrupted:
        voice.warning("interrupted: the picture covers what was read until then")
        return Code.INTERRUPTED
    return ended


def _picture(report: Report, request: Request) -> Iterable[str] | Iterable[bytes]:
    if request.shape != PNG:
        return _lines(report, request, request.ground)
    from wirestat.report.draw.picture import png

    ground = "light" if request.ground == "auto" else request.ground
    return [png(_lines(report, request, ground, SVG))]


def _lines(report: Report, request: Request, ground: str, shape: str | None = None) -> Iterator[str]:
    view = terminal.view(request.output, names=request.dialect)
    shape = shape or request.shape
    if request.states:
        return _states(report, view, shape, ground)
    if request.timeline:
        return _timeline(report, request, view, shape, ground)
    from wirestat.report import ladder as plain
    from wirestat.report.draw import ladder

    one = _only(report, request.connection)
    if shape == TEXT:
        return plain.render(report, one, view)
    if shape == MERMAID:
        return ladder.mermaid(report, one, request.dialect)
    return ladder.render(report, one, request.dialect, ground)


def _states(report: Report, view: layout.View, shape: str, ground: str) -> Iterator[str]:
    from wirestat.report.draw import machine

    if shape == TEXT:
        return machine.text(report, view.names)
    if shape == MERMAID:
        return machine.mermaid(report, view.names)
    return machine.counted(report, view.names, ground)


def _timeline(report: Report, request: Request, view: layout.View, shape: str, ground: str) -> Iterator[str]:
    from wirestat.report.draw import timeline

    ids = _chosen(report, request)
    shown = [report.connection(id) for id in ids[: request.limit or None]]
    if not shown:
        raise UsageError("there are no connections to draw")
    if shape == TEXT:
        return timeline.text(report, shown, len(ids), view)
    return timeline.render(report, shown, len(ids), view.names, ground)


def _chosen(report: Report, request: Request) -> Sequence[int]:
    """Return the ids of the requested connections."""
    if request.connection is not None:
        return (connection(report, request.connection).id,)
    if request.where is not None:
        from wirestat.report.selection import Selection

        return Selection(report, request.where).ids
    return tuple(report.tables({"connections": ["id"]})["connections"]["id"].data)


def _only(report: Report, id: int | None) -> Connection:
    """Return the requested connection, or the only one.

    Raises:
        UsageError: there are several, or none.
    """
    if id is None and report.summary.connections != 1:
        raise UsageError(
            f"there are {report.summary.connections:,} connections: which is to be drawn?",
            hint="--connection 5 draws one as a ladder, --timeline many over time, --states the diagram",
        )
    return connection(report, id or 1)
