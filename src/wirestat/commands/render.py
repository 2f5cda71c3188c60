"""From what was asked for to the renderer that gives it; each is imported only when it is used."""

import os
import sys
from collections.abc import Collection, Iterable
from importlib import import_module

from wirestat.commands import terminal
from wirestat.commands.output import Output
from wirestat.commands.request import Reporting, Request
from wirestat.commands.voice import Voice
from wirestat.errors import UsageError
from wirestat.model import Connection, State
from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.report.paint import Paint, paint_for

DATA = {"json": "wirestat.report.json", "ndjson": "wirestat.report.ndjson"}
"""Every format but the text: the module whose ``render(report, version, lists=, chosen=)`` yields bytes."""
FORMATS = ("text", *DATA)


def render(report: Report, request: Request, output: Output, voice: Voice) -> None:
    """Write the report as it was asked for."""
    if request.format == "text":
        output.text(_text(report, request, voice))
    else:
        output.binary(_data(report, request))


def _text(report: Report, request: Request, voice: Voice) -> Iterable[str]:
    view = view_for(request)
    if request.connection is not None:
        from wirestat.report import ladder

        return ladder.render(report, connection(report, request.connection), view)
    if request.tabular:
        from wirestat.report import table

        selection = table.Selection(_instant(report, request, voice), request.states)
        return table.render(report, selection, view)
    from wirestat.report import text

    return text.render(report, view)


def _instant(report: Report, request: Request, voice: Voice) -> int:
    """Return the time asked for, in Unix ns; of what comes after its end a capture says nothing."""
    at_ns = request.at.resolve(report.start_ns, report.end_ns) if request.at else report.end_ns
    if at_ns < report.start_ns:
        voice.warning("the capture begins after that time; '+' counts from its start, as in +12.5")
    if at_ns > report.end_ns:
        voice.warning("the capture ends before that time: this is as of its last frame")
    return min(at_ns, report.end_ns)


def _data(report: Report, request: Request) -> Iterable[bytes]:
    from wirestat import __version__

    chosen = _chosen(report, request.states) if request.states and not request.summary else None
    render = import_module(DATA[request.format]).render
    pieces: Iterable[bytes] = render(report, __version__, lists=not request.summary, chosen=chosen)
    return pieces


def _chosen(report: Report, states: Collection[State]) -> bytes:
    """Choose the connections with an end in one of the states, a byte for each connection."""
    wanted = bytes(state in states for state in State).ljust(256, b"\0")
    connections = report.tables({"connections": ["client_state", "server_state"]})["connections"]
    client, server = (column.values.translate(wanted) for column in connections.columns.values())
    return bytes(map(max, client, server))


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
    return View(
        width=terminal.width() if request.output is None else terminal.PIPED_WIDTH,
        names=request.dialect,
        limit=request.rows,
        paint=paint_for(sys.stdout, dict(os.environ)) if to_terminal else Paint(),
        folds=to_terminal,
    )
