"""The rows of netstat's table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from wirestat.commands.instants import as_of
from wirestat.commands.netstat_local import Local
from wirestat.model import GONE, Connection, Endpoint, Side, State
from wirestat.names import Dialect, spell
from wirestat.report.build import Report
from wirestat.report.history import others_at
from wirestat.report.selection import Selection
from wirestat.summary import Listener
from wirestat.tables import Value
from wirestat.testimony import Socket, Timer
from wirestat.timers import SECOND
from wirestat.words import socket

if TYPE_CHECKING:
    from wirestat.beside import Beside
    from wirestat.commands.netstat import Request

Row = tuple[str, ...]
_TIMERS = {
    Timer.NOTHING: "off", Timer.RETRANSMISSION: "on", Timer.KEEPALIVE: "keepalive", Timer.TIME_WAIT: "timewait",
    Timer.PROBE: "probe",
}  # fmt: skip
"""netstat's words for timers."""


class Vantage(NamedTuple):
    """The vantage point of the table: the local ends, and their kernel."""

    local: Local
    beside: Beside | None = None
    """``None`` if no kernel is asked."""


def rows(report: Report, request: Request, place: Vantage) -> Iterator[Row]:
    """Yield the requested rows."""
    both = request.tcp == request.udp
    if request.tcp or both:
        if not request.listening:
            yield from _connections(report, request, place)
        if (
            request.everything
            and not request.listening
            and place.beside is not None
            and request.where is None
        ):
            yield from _older(place.beside, place.local, request)
        if request.everything or request.listening:
            yield from _listeners(report, request, place)
    if (request.udp or both) and not request.listening and request.where is None:
        yield from _udp(report, place.local)


def _connections(report: Report, request: Request, place: Vantage) -> Iterator[Row]:
    at_ns = as_of(request.at, report)
    instant = at_ns if request.at else None
    chosen = Selection(report, request.where, instant).chosen if request.where else None
    tables = report.tables({"instant": None, "connections": ["id"]}, chosen, at_ns)["instant"]
    for number, id in enumerate(tables["id"].data):
        then = tables.row(number)
        one = report.connection(id)
        for side in place.local.sides(one):
            told = then[f"{side}_state"] if request.at else _end(one, side).state
            if told is None:
                continue  # it had not begun
            state, found = State(str(told)), _socket(place, one, side)
            if state is State.UNKNOWN and found is not None:
                state = found.state
            if state not in GONE:
                standing = _Standing(one, side, state, then[f"{side}_since_ns"], found)
                yield _row(standing, request, report, place, at_ns)


def _end(connection: Connection, side: Side) -> Endpoint:
    return connection.client if side is Side.CLIENT else connection.server


def _socket(place: Vantage, connection: Connection, side: Side) -> Socket | None:
    """Return the kernel's socket of an end of this host."""
    return None if place.beside is None else place.beside.socket(connection, side)


class _Standing(NamedTuple):
    """An end at the requested instant."""

    connection: Connection
    side: Side
    state: State
    since_ns: Value
    socket: Socket | None
    """The kernel's socket, if the end is on this host."""


def _row(standing: _Standing, request: Request, report: Report, place: Vantage, at_ns: int) -> Row:
    one, side, state, since_ns, found = standing
    end, other = (one.client, one.server) if side is Side.CLIENT else (one.server, one.client)
    names = Dialect(request.names)
    is_past = request.at is not None
    if found is not None:
        queues = str(found.recv_q), str(found.send_q)
    elif is_past:
        queues = "-", "-"  # bytes in flight are known only as of the last frame
    else:
        queues = str(other.unacknowledged_bytes), str(end.unacknowledged_bytes)
    cells = [
        _protocol("tcp", end.address),
        *queues,
        socket(end.address, end.port),
        socket(other.address, other.port),
        spell(state, names),
    ]
    if request.extended:
        others = others_at(one, side, at_ns) if is_past else end.or_since
        evidence = "kernel" if end.state is State.UNKNOWN else str(end.evidence or "-")
        cells.append(",".join(spell(one, names) for one in others) or "-")
        cells.append("-" if is_past else evidence)
    if request.programs:
        holder = place.beside.holder(one, side) if place.beside else None
        cells.append(str(holder or "-"))
    if request.timers:
        cells.append(_kernels_timer(found, place) or _timer(state, since_ns, report, at_ns))
    return tuple(cells)


def _older(beside: Beside, local: Local, request: Request) -> Iterator[Row]:
    """Yield the connections without a captured packet, from the kernel."""
    for one in beside.older():
        if not local.has(one.local[0]):
            continue
        cells = [
            _protocol("tcp", one.local[0]),
            str(one.recv_q),
            str(one.send_q),
            socket(*one.local),
            socket(*one.remote),
            spell(one.state, Dialect(request.names)),
        ]
        cells += ["-", "kernel"] if request.extended else []
        cells += [str(beside.kernel.holder(one.key) or "-")] if request.programs else []
        cells += [_kernels_timer(one, Vantage(local, beside)) or "-"] if request.timers else []
        yield tuple(cells)


def _kernels_timer(found: Socket | None, place: Vantage) -> str:
    """Format the timer of a socket of this host, as netstat -o does."""
    last = place.beside.kernel.last if place.beside else None
    if found is None or last is None or found.timer not in _TIMERS:
        return ""
    left = max(found.due_ns - last.answered_ns, 0) / SECOND
    return f"{_TIMERS[Timer(found.timer)]} ({left:.2f}/{found.retransmits}/0)"


def _timer(state: State, since_ns: Value, report: Report, at_ns: int) -> str:
    """Format the remaining TIME_WAIT, as netstat -o does; other timers are unknown."""
    if state is not State.TIME_WAIT or not isinstance(since_ns, int):
        return "-"
    left = max(since_ns + report.timers.time_wait_ns - at_ns, 0) / SECOND
    return f"timewait ({left:.2f}/0/0)"


def _listeners(report: Report, request: Request, place: Vantage) -> Iterator[Row]:
    listen, at_ns = spell(State.LISTEN, Dialect(request.names)), as_of(request.at, report)
    for one in report.summary.listeners:
        if not one.answered or not place.local.has(one.address):
            continue
        protocol = _protocol("tcp", one.address)
        anybody = "[::]:*" if protocol == "tcp6" else "0.0.0.0:*"
        kernel = place.beside.kernel if place.beside else None
        found = kernel.listener(one.address, one.port) if kernel else None
        if not found and not _may_listen(one, at_ns):
            continue
        queues = (str(found.recv_q), str(found.send_q)) if found else ("0", "0")
        cells = [protocol, *queues, socket(one.address, one.port), anybody, listen]
        if kernel and found:
            cells += ["-", "-"] if request.extended else []
            cells += [str(kernel.holder_of(found) or "-")] if request.programs else []
        yield tuple(cells)


def _may_listen(one: Listener, at_ns: int) -> bool:
    """Say whether a socket of the capture may listen at an instant: it has not refused since it answered."""
    if one.answers is None or one.refusals is None or one.refusals.first_ns > at_ns:
        return True
    refused_ns = one.refusals.last_ns if one.refusals.last_ns <= at_ns else one.refusals.first_ns
    return one.answers.first_ns <= at_ns and refused_ns < one.answers.last_ns


def _udp(report: Report, local: Local) -> Iterator[Row]:
    for one in report.udp():
        a, b = (one.address_a, one.port_a), (one.address_b, one.port_b)
        for end, other in ((a, b), (b, a)):
            if local.has(end[0]):
                yield _protocol("udp", end[0]), "0", "0", socket(*end), socket(*other), ""


def _protocol(name: str, address: str) -> str:
    return f"{name}6" if ":" in address else name
