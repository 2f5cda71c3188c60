"""netstat's table as of an instant, for both ends at once."""

from collections.abc import Collection, Iterable, Iterator
from itertools import compress
from typing import Any

import msgspec

from wirestat.model import GONE, Connection, Side, State
from wirestat.names import spell
from wirestat.report.build import Report
from wirestat.report.history import others_at
from wirestat.report.layout import View, more, table
from wirestat.report.words import fitting, moment, offset, place
from wirestat.spans import span
from wirestat.summary import MOST_CLIENTS, Listener
from wirestat.tables import Table, both, either, having
from wirestat.titles import printable
from wirestat.words import socket, some

HEADING = ("id", "client", "state", "server", "state", "since", "for")
LISTENERS = ("socket", "connections", "clients", "refused", "unanswered")


class RowChoice(msgspec.Struct, frozen=True):
    """The selection of rows: those with an end in one of the states, at an instant."""

    at_ns: int
    states: Collection[State] = ()
    """Empty for the states that netstat shows, or with ``chosen`` for all."""
    chosen: bytes | None = None
    """A byte for each connection in the order of ids: 0 leaves it out."""

    def rows(self, instant: Table) -> list[int]:
        """Return the selected rows of the table ``instant``."""
        states = self.states or frozenset(State) - (GONE if self.chosen is None else frozenset())
        chosen = either(having(instant["client_state"], states), having(instant["server_state"], states))
        if self.chosen is not None:
            chosen = both(chosen, self.chosen)
        return list(compress(range(len(instant)), chosen))


def render(report: Report, selection: RowChoice, view: View) -> Iterator[str]:
    """Yield the table line by line, the rows in the order of ids."""
    instant = report.tables({"instant": None}, at_ns=selection.at_ns)["instant"]
    selected = selection.rows(instant)
    rows = [_cells(instant.row(row), selection.at_ns, report, view) for row in selected[: view.limit]]
    total = len(selected)
    last = selection.at_ns >= report.end_ns
    place = "at the end" if last else f"at {offset(selection.at_ns, report.start_ns)}"
    yield view.paint("title", f"{some(total, 'connection')} {place}, {moment(selection.at_ns, view.zone)}")
    if view.where:
        yield f"only where {printable(view.where)}"
    if rows:
        heading = HEADING if view.beside is None else (*HEADING, "process")
        body = list(table([heading, *rows], "><<<<><" + "<" * (len(heading) - len(HEADING)), indent=""))
        if view.folds and max(map(len, body)) > view.width:
            body = list(table(list(_folded(rows)), "><<><" + "<" * (len(heading) - len(HEADING)), indent=""))
        yield view.paint("faint", body[0])
        yield from body[1:]
    yield from more(len(rows), total, view, connections=True)
    if State.LISTEN in selection.states:
        yield from _listeners(report, view)


def _folded(rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Put each end on its own line, as netstat does, if both on one would be too wide."""
    names: tuple[str, ...] | None = None
    for id, client, client_state, server, server_state, since, length, *process in rows:
        if names is None:
            names = ("id", "client → server", "state", "since", "for", *["process" for _ in process])
            yield names
        yield id, client, client_state, "", "", *["" for _ in process]
        yield "", f"→ {server}", server_state, since, length, *process


def _listeners(report: Report, view: View) -> Iterator[str]:
    """Yield the sockets that clients connected to: ``netstat -l`` from the wire."""
    listening = [listener for listener in report.summary.listeners if listener.answered]
    yield view.paint("title", f"{some(len(listening), 'listening socket')}, as answers show")
    if listening:
        titles = (*LISTENERS, f"most in {spell(State.SYN_RECV, view.names)}")
        heading, *body = table([titles, *map(_load, listening[: view.limit])], "<>>>>>", indent="")
        yield view.paint("faint", heading)
        yield from body
    yield from more(len(listening[: view.limit]), len(listening), view)


def _load(listener: Listener) -> tuple[str, ...]:
    bound = "≥" if listener.clients >= MOST_CLIENTS else ""
    numbers = (listener.refused, listener.unanswered, listener.embryonic_peak)
    return (
        socket(listener.address, listener.port),
        f"{listener.connections:,}",
        f"{bound}{listener.clients:,}",
        *(f"{number:,}" for number in numbers),
    )


def _cells(then: dict[str, Any], at_ns: int, report: Report, view: View) -> tuple[str, ...]:
    connection = report.connection(then["id"])
    client, server = State(then["client_state"]), State(then["server_state"])
    changes = (then["client_since_ns"], then["server_since_ns"])
    since = max((change for change in changes if change is not None), default=None)
    others = [others_at(connection, side, at_ns) for side in Side]
    return (
        str(connection.id),
        place(connection.client),
        _told(connection, Side.CLIENT, fitting(client, others[0], view.names), view),
        place(connection.server),
        _told(connection, Side.SERVER, fitting(server, others[1], view.names), view),
        "" if since is None else offset(since, report.start_ns),
        "" if since is None else span(at_ns - since),
        *([] if view.beside is None else [_process(connection, view)]),
    )


def _told(connection: Connection, side: Side, wire: str, view: View) -> str:
    """Write a state; if the wire does not show it, the kernel's."""
    if wire != State.UNKNOWN or view.beside is None:
        return wire
    found = view.beside.socket(connection, side)
    return wire if found is None else f"{spell(found.state, view.names)} (kernel)"


def _process(connection: Connection, view: View) -> str:
    """Name the programs of this host's ends."""
    client, server = connection.client, connection.server
    holders = view.beside.holders((client.address, client.port), (server.address, server.port))
    return ", ".join(str(holder) for holder in holders if holder) or "-"
