"""From what was asked for to the renderer that gives it; each is imported only when it is used."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator

from wirestat.commands.output import Output
from wirestat.commands.request import Reporting, Request
from wirestat.commands.voice import Voice
from wirestat.errors import UsageError
from wirestat.model import Connection
from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.report.paint import Paint, paint_for

FORMATS = ("text", "json", "ndjson")

PIPED_WIDTH = 100
WIDEST = 120
"""Prose is not easier to read on lines longer than this."""


def render(report: Report, request: Request, output: Output, voice: Voice) -> None:
    """Write the report as it was asked for."""
    if request.format == "text":
        output.text(_text(report, request, voice))
    else:
        output.binary(_binary(report, request))


def _text(report: Report, request: Request, voice: Voice) -> Iterable[str]:
    view = view_for(request)
    if request.connection is not None:
        from wirestat.report import ladder

        return ladder.render(report, connection(report, request.connection), view)
    if request.tabular:
        from wirestat.report import table

        at_ns = request.at.resolve(report.start_ns, report.end_ns) if request.at else report.end_ns
        if not report.start_ns <= at_ns <= report.end_ns:
            voice.warning(
                "the capture says nothing of that time: it is before the first frame or after the last"
            )
        return table.render(report, table.Selection(at_ns, request.states), view)
    from wirestat.report import text

    return text.render(report, view)


def _binary(report: Report, request: Request) -> Iterable[bytes]:
    from wirestat import __version__
    from wirestat.report import json, ndjson

    connections = None if request.summary else _selected(report, request)
    if request.format == "json":
        return json.render(report, __version__, connections)
    return ndjson.render(report, __version__, connections)


def _selected(report: Report, request: Request) -> Iterator[Connection]:
    for connection in report.connections():
        if not request.states or not request.states.isdisjoint(
            (connection.client.state, connection.server.state)
        ):
            yield connection


def connection(report: Report, id: int) -> Connection:
    """Return the connection that was asked for.

    Raises:
        UsageError: there is none of that id.
    """
    try:
        return report.connection(id)
    except KeyError:
        known = report.summary.connections
        raise UsageError(
            f"no connection {id}", hint=f"ids run from 1 to {known}" if known else "there are no connections"
        ) from None


def view_for(request: Reporting) -> View:
    """Choose how a text looks: as wide as the terminal, and coloured, only where it goes to one."""
    to_terminal = request.output is None and sys.stdout.isatty()
    width = shutil.get_terminal_size((PIPED_WIDTH, 24)).columns if request.output is None else PIPED_WIDTH
    return View(
        width=min(width, WIDEST),
        names=request.dialect,
        limit=request.rows,
        paint=paint_for(sys.stdout, dict(os.environ)) if to_terminal else Paint(),
    )
