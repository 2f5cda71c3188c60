"""Chooses the renderer for a request; each is imported only on use."""

import sys
from collections.abc import Collection, Iterator

from wirestat.commands import terminal
from wirestat.commands.instants import as_of, warn_outside
from wirestat.commands.output import Output
from wirestat.commands.request import Reporting, Request
from wirestat.commands.voice import Voice
from wirestat.errors import UsageError
from wirestat.model import Connection, State
from wirestat.report import formats
from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.report.streams import Stream, agree_up_to
from wirestat.zones import Zone


def render(report: Report, request: Request, output: Output, voice: Voice) -> None:
    """Write the report as requested."""
    view = view_for(request, full=voice.verbose)
    if (request.connection is not None or request.at is not None) and _has_parts(request.format):
        output.write(_part(report, request, view, voice))
    elif request.connection is not None:
        from wirestat.report import ladder

        output.write(ladder.render(report, connection(report, request.connection), view))
    elif request.finding is not None:
        findings(report, request, request.finding, output)
    elif request.tabular:
        from wirestat.report import table

        at_ns = _instant(report, request, voice)
        of_these = asked_for(report, request, at_ns if request.at else None)
        output.write(table.render(report, table.RowChoice(at_ns, request.states, of_these), view))
    else:
        of_these = chosen(report, request)
        output.write(
            formats.load(request.format).render(report, view, lists=not request.summary, chosen=of_these)
        )


def _has_parts(format: str) -> bool:
    from wirestat.report import part

    return format in part.FORMATS


def _part(report: Report, request: Request, view: View, voice: Voice) -> Iterator[bytes]:
    """Write one connection, or the states at an instant, as data."""
    from wirestat.report import part

    if request.connection is not None:
        return part.connection(report, connection(report, request.connection), request.format, view)
    at_ns = _instant(report, request, voice)
    of_these = asked_for(report, request, at_ns)
    return part.instant(report, at_ns, request.states, of_these, request.format, view)


def findings(report: Report, request: Reporting, name: str, output: Output) -> None:
    """Write the findings of a name, as text or Markdown.

    Raises:
        UsageError: there is none of that name.
    """
    from wirestat.report import markdown, one
    from wirestat.report.handles import handles, named

    view, found = view_for(request), named(report, name)
    if not found:
        known = ", ".join(handles(report)) or "none"
        raise UsageError(f"no finding {name}", hint=f"findings of this report: {known}")
    if request.format == formats.TEXT:
        output.write(one.render(report, found, view))
    else:
        output.write(
            line for name, finding in found.items() for line in markdown.tell_of(name, finding, view)
        )


def _instant(report: Report, request: Request, voice: Voice) -> int:
    """Return the requested time, in Unix ns, but not beyond the end of the capture."""
    warn_outside(request.at, report, voice)
    return as_of(request.at, report)


def chosen(report: Report, request: Request) -> bytes | None:
    """Select the connections of --state and --where; ``None`` for all."""
    where = asked_for(report, request)
    if not request.states or request.summary:
        return where
    return _both(_chosen(report, request.states), where)


def _chosen(report: Report, states: Collection[State]) -> bytes:
    """Select the connections with an end in one of the states, as a byte for each connection."""
    from wirestat.tables import either, having

    connections = report.tables({"connections": ["client_state", "server_state"]})["connections"]
    return either(having(connections["client_state"], states), having(connections["server_state"], states))


def asked_for(report: Report, request: Reporting, at_ns: int | None = None) -> bytes | None:
    """Select the connections for which the filter is true; ``None`` without a filter."""
    if request.where is None:
        return None
    from wirestat.report.selection import Selection

    return Selection(report, request.where, at_ns).chosen


def _both(one: bytes, other: bytes | None) -> bytes:
    from wirestat.tables import both

    return one if other is None else both(one, other)


def connection(report: Report, id: int) -> Connection:
    """Return the requested connection.

    Raises:
        UsageError: there is none of that id.
    """
    try:
        found = report.connection(id)
    except KeyError:
        known = report.summary.connections
        if isinstance(id, Stream):
            raise UsageError(
                f"no stream {id.number}", hint=f"there are {known}, counted from 0" if known else None
            ) from None
        raise UsageError(
            f"no connection {id}", hint=f"ids run from 1 to {known}" if known else "there are no connections"
        ) from None
    if isinstance(id, Stream) and not agree_up_to(report, id):
        raise UsageError(
            f"stream {id.number} may have another number in Wireshark than here: before it come tunnels, "
            "reused addresses and ports, or frames that were not read",
            hint="name the connection by its id, as the report does",
        )
    return found


def view_for(request: Reporting, *, full: bool = False) -> View:
    """Return the view of a report."""
    return terminal.view(
        request.output,
        names=request.dialect,
        limit=request.rows,
        zone=request.zone or Zone(),
        full=full,
        folds=request.output is None and sys.stdout.isatty(),
        where=request.where.text if request.where else "",
        most_bytes=request.html_limit,
    )
