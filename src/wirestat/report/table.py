"""netstat's table as of an instant, for both ends at once."""

from collections.abc import Collection, Iterable, Iterator

import msgspec

from wirestat.model import Connection, Listener, Side, State
from wirestat.names import spell
from wirestat.report.build import Report
from wirestat.report.history import state_at
from wirestat.report.layout import View, more, table
from wirestat.report.words import moment, offset, place, standing
from wirestat.spans import span
from wirestat.words import socket, some

HEADING = ("id", "client", "state", "server", "state", "since", "for")
LISTENERS = ("socket", "connections", "clients", "refused", "unanswered")
_GONE = frozenset({State.CLOSED, State.UNKNOWN, State.LISTEN})
"""A row with both ends in these states is nothing that netstat would show on either side."""


class Selection(msgspec.Struct, frozen=True):
    """Which rows: those with an end in one of the states, at an instant."""

    at_ns: int
    states: Collection[State] = ()
    """Empty: whatever netstat would show."""

    def row(self, connection: Connection) -> tuple[State, State, int | None] | None:
        """Return both states and the time of the last change, or ``None`` if the connection is not selected."""
        if connection.first_time_ns > self.at_ns:
            return None
        client, client_since = state_at(connection, Side.CLIENT, self.at_ns)
        server, server_since = state_at(connection, Side.SERVER, self.at_ns)
        wanted = (
            not {client, server}.isdisjoint(self.states) if self.states else not {client, server} <= _GONE
        )
        since = max((known for known in (client_since, server_since) if known is not None), default=None)
        return (client, server, since) if wanted else None


def render(report: Report, selection: Selection, view: View) -> Iterator[str]:
    """Yield the table line by line, the rows in the order of ids."""
    rows: list[tuple[str, ...]] = []
    total = 0
    for connection in report.connections():
        selected = selection.row(connection)
        if selected is None:
            continue
        total += 1
        if view.limit is None or total <= view.limit:
            rows.append(_cells(connection, selected, selection.at_ns, report, view))
    last = selection.at_ns >= report.end_ns
    place = "at the end" if last else f"at {offset(selection.at_ns, report.start_ns)}"
    yield view.paint("title", f"{some(total, 'connection')} {place}, {moment(selection.at_ns)}")
    if rows:
        body = list(table([HEADING, *rows], "><<<<><", indent=""))
        if view.folds and max(map(len, body)) > view.width:
            body = list(table(list(_folded(rows)), "><<><", indent=""))
        yield view.paint("faint", body[0])
        yield from body[1:]
    yield from more(len(rows), total, connections=True)
    if State.LISTEN in selection.states:
        yield from _listeners(report, view)


def _folded(rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Give each end a line of its own, as netstat does, where both on one would be too wide."""
    yield "id", "client → server", "state", "since", "for"
    for id, client, client_state, server, server_state, since, length in rows:
        yield id, client, client_state, "", ""
        yield "", f"→ {server}", server_state, since, length


def _listeners(report: Report, view: View) -> Iterator[str]:
    """Yield the sockets that connections were opened to: ``netstat -l`` from the wire."""
    listening = [listener for listener in report.summary.listeners if listener.answered]
    yield view.paint("title", f"{some(len(listening), 'listening socket')}, as answers show")
    if listening:
        titles = (*LISTENERS, f"most in {spell(State.SYN_RECV, view.names)}")
        heading, *body = table([titles, *map(_load, listening[: view.limit])], "<>>>>>", indent="")
        yield view.paint("faint", heading)
        yield from body
    yield from more(len(listening[: view.limit]), len(listening))


def _load(listener: Listener) -> tuple[str, ...]:
    numbers = (
        listener.connections,
        listener.clients,
        listener.refused,
        listener.unanswered,
        listener.embryonic_peak,
    )
    return (socket(listener.address, listener.port), *(f"{number:,}" for number in numbers))


def _cells(
    connection: Connection, selected: tuple[State, State, int | None], at_ns: int, report: Report, view: View
) -> tuple[str, ...]:
    client, server, since = selected
    now = at_ns >= report.end_ns
    return (
        str(connection.id),
        place(connection.client),
        standing(connection.client, view.names) if now else spell(client, view.names),
        place(connection.server),
        standing(connection.server, view.names) if now else spell(server, view.names),
        "" if since is None else offset(since, report.start_ns),
        "" if since is None else span(at_ns - since),
    )
