"""Why a server accepted and hung up (D35): a backend that is gone, a time-out, or something only its log tells."""

from bisect import bisect_left, bisect_right
from collections import defaultdict

import msgspec

from wirestat.diagnosis.advice import on
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.rivals import Rival, cause, unlikely
from wirestat.diagnosis.rules.waiting.cancels import cancels_a_query
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.behind import Backend
from wirestat.diagnosis.study.instants import count_between, place_of_those_near
from wirestat.model import Connection, Fault, Side, State
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_NOTICED = SECOND
"""Few clients give a request less time, and few servers."""
_SEVERAL = 3
_OVER = {State.CLOSED, State.TIME_WAIT, State.LAST_ACK, State.FIN_WAIT1, State.FIN_WAIT2, State.CLOSING}
"""Where a client is that has left."""
_EQUAL = 20
"""Waits that differ by one part in so many are of one length."""
_INSTANT = 100 * MILLISECOND
"""Connections that are given up within this time are given up for one reason: the program ends."""
_CAUSES = (
    cause("an access list that is asked after accept()"),
    cause("a proxy whose backend is gone"),
    cause("a limit of connections, or another protocol than the client speaks"),
)


class HangupReason(msgspec.Struct, frozen=True):
    """A kind of hang-up."""

    fault: Fault
    rivals: tuple[Rival, ...]
    step: str
    """The remedy."""
    commands: tuple[str, ...] = ()
    kind: str = ""
    told: str = ""
    """A sentence that follows what was seen."""
    is_usual: bool = False
    """Nothing is wrong: servers and clients of this kind do so all the time."""


def reason_of(case: Case) -> HangupReason:
    """Say why the server hung up, as far as other connections tell."""
    server = case.server
    if cancels_a_query(case):
        return _cancels()
    if backend := case.backend:
        return _backend_is_gone(backend)
    if spare := _asked_beside(case):
        return _is_spare(spare)
    if asked := _others_ask(case):
        return _says_nothing(asked)
    alike = _closed_alike(case)
    if alike + 1 >= _SEVERAL:
        return _timed_out(alike)
    if full := _full_of(case):
        return full
    served = _served_alike(case)
    if (unlike := _served_unlike(case)) >= _SEVERAL:
        return _of_a_kind(unlike, server.port)
    return HangupReason(
        Fault.SERVER,
        _of_some(served) if served >= _SEVERAL else _CAUSES,
        f"See what listens on port {server.port} and what its log says; of a proxy, see its backends.",
        (on(server, "grep -vE '^#|^$' /etc/hosts.allow /etc/hosts.deny"),),
        told=f" Meanwhile it answered {served:,} requests of this client that were as long."
        if served >= _SEVERAL
        else "",
    )


def _cancels() -> HangupReason:
    """Name a request to PostgreSQL that gets no answer."""
    return HangupReason(
        Fault.UNDECIDED,
        (),
        "Nothing to do: this is how a query of PostgreSQL is stopped. See who stops it, where nobody means to.",
        kind="cancels",
        told=" So PostgreSQL is told to stop a query of another connection, which goes on: it never answers that.",
        is_usual=True,
    )


def _full_of(case: Case) -> HangupReason | None:
    """Name a limit of connections, where it hung up on a client whenever that had so many open, and never before."""
    client, server = case.client, case.server
    least, most = case.of_both(_open_meanwhile)
    if least < _SEVERAL or least <= most:
        return None
    held = f"{client.address} had {least:,} others open to this socket, at least"
    return HangupReason(
        Fault.UNDECIDED,
        (
            cause("a limit of connections of one client, or of all", f"{held}, each time, and fewer before"),
            unlikely("an access list", "it served this client before"),
            unlikely("a proxy whose backend is gone", "others of this client go on"),
        ),
        f"See why {client.address} keeps so many open (a pool that never closes, a library that is made anew for "
        f"each request), and which limit the server on port {server.port} has.",
        (on(client, f"ss -tnp '( dport = :{server.port} )'"),),
        kind="full",
        told=f" Each time {held}, and never so many when it was served: a limit of connections, it seems.",
    )


def _open_meanwhile(connections: list[Connection]) -> tuple[int, int]:
    """Return how many served connections of a client were open at least when the server hung up on others and just
    after, and at most when it served one; 0 where it hung up on few.

    Where those end with the one that it hung up on, its program did, and no limit was met.
    """
    served = [one for one in connections if one.server.bytes]
    closed = [
        (one.first_time_ns, seen.time_ns + _INSTANT)
        for one in connections
        if not one.server.bytes and (seen := sighting(one, Fact.FIN_SENT, Side.SERVER)) is not None
    ]
    if len(closed) < _SEVERAL:
        return 0, 0
    hung = [at for both in closed for at in both]
    began = sorted(one.first_time_ns for one in served)
    ended = sorted(one.last_time_ns for one in served if one.client.state in _OVER)
    open_at = [bisect_left(began, at) - bisect_left(ended, at) for at in (*hung, *began)]
    return min(open_at[: len(hung)]), max(open_at[len(hung) :], default=0)


def _of_some(served: int) -> tuple[Rival, ...]:
    """Name why a server answers some of like requests, and hangs up on others."""
    answered = f"{served:,} like requests of this client were answered meanwhile"
    return (
        cause(
            "several programs or workers on this port (SO_REUSEPORT, one left over from before), or several machines "
            "behind this address, one of which hangs up",
            answered,
        ),
        cause("a limit of connections, or a proxy one of whose backends is gone"),
        unlikely("an access list, or another protocol than the client speaks", answered),
    )


def _of_a_kind(unlike: int, port: int) -> HangupReason:
    """Name why a server hangs up on requests of one length, and answers others of the same client."""
    answered = f"{unlike:,} requests of this client that had another length were answered"
    return HangupReason(
        Fault.UNDECIDED,
        (
            cause("another protocol than the server expects (TLS, the PROXY header, or neither)", answered),
            cause("something in this request: its path, or a limit of what the server takes"),
            unlikely("an access list, a limit of connections, or a proxy whose backend is gone", answered),
        ),
        f"See which protocol port {port} expects (TLS, the PROXY header, or neither) and what these requests begin "
        "with, and what its log says.",
        told=f" It answered {unlike:,} requests of this client that had another length, and none of this.",
    )


def _served_unlike(case: Case) -> int:
    """Count the requests of the same client and of other lengths that were answered, where none of this length was,
    and all others were; 0 where few of this length were not.

    Of several requests on one connection the lengths are not known: any of them may have been of this one.
    """
    client = case.client
    hung, served = case.of_socket(_treated).get((client.address, client.record.bytes), ([], []))
    if len(hung) < _SEVERAL or served:
        return 0
    kinds = case.of_socket(_kinds)[client.address]
    return kinds.answered if len(kinds.hung) == 1 and kinds.several < client.record.bytes else 0


class _Kinds(msgspec.Struct):
    """The requests of a client to a socket."""

    hung: set[int]
    """The lengths of what the server hung up on."""
    answered: int = 0
    """How many connections with one request it answered."""
    several: int = 0
    """How much was said, at most, on one of several requests that was answered."""


def _kinds(connections: list[Connection]) -> dict[str, _Kinds]:
    """Return the requests of each client, by its address."""
    found: defaultdict[str, _Kinds] = defaultdict(lambda: _Kinds(set()))
    for one in connections:
        kinds, client = found[one.client.address], one.client
        if not one.server.bytes:
            if client.bytes and sighting(one, Fact.FIN_SENT, Side.SERVER) is not None:
                kinds.hung.add(client.bytes)
        elif client.turns == 1:
            kinds.answered += 1
        else:
            kinds.several = max(kinds.several, client.bytes)
    return found


def _served_alike(case: Case) -> int:
    """Count requests of the same client and length that were answered while others were not; 0 where few were not."""
    client = case.client
    hung, served = case.of_socket(_treated).get((client.address, client.record.bytes), ([], []))
    return count_between(served, hung[0], hung[-1]) if len(hung) >= _SEVERAL else 0


def _treated(connections: list[Connection]) -> dict[tuple[str, int], tuple[list[int], list[int]]]:
    """Return when connections began on which the server hung up, and on which it answered, in order, in Unix ns, by
    the client's address and the length of what it said."""
    found: dict[tuple[str, int], tuple[list[int], list[int]]] = {}
    for one in sorted(connections, key=lambda one: one.first_time_ns):
        client = one.client
        hung, served = found.setdefault((client.address, client.bytes), ([], []))
        if one.server.bytes:
            served.append(one.first_time_ns)
        elif client.bytes and sighting(one, Fact.FIN_SENT, Side.SERVER) is not None:
            hung.append(one.first_time_ns)
    return found


def _backend_is_gone(backend: Backend) -> HangupReason:
    """Name the socket that the proxy asked: its host may have another address there."""
    behind = socket(*backend.socket)
    return HangupReason(
        Fault.SERVER,
        (
            cause("a proxy whose backend is gone", f"{behind} was asked in vain each time"),
            unlikely("an access list, or a limit of connections", "then nobody asks a backend"),
        ),
        f"See why {backend.client} gets no connection to {behind}: whether that listens, and is let through.",
        kind="backend",
        told=f" Each time as it accepted one, {backend.client} asked {behind} in vain: it is a proxy, it seems, "
        "whose backend is gone.",
    )


def _says_nothing(asked: int) -> HangupReason:
    return HangupReason(
        Fault.UNDECIDED,
        (
            cause("a client that connects ahead of need, or keeps a place"),
            cause(
                "a client that waits for a greeting: another protocol, or another port than it was meant for",
                "here clients speak first",
            ),
            unlikely("an access list, or a limit of connections", "the server would not wait for long"),
        ),
        "See why this client says nothing: which protocol it speaks, and whether it is meant for this port.",
        kind="says nothing",
        told=f" On {some(asked, 'other connection')} to this socket the client spoke first, and was answered.",
    )


def _is_spare(served: int) -> HangupReason:
    """Judge a connection that its client did not use, beside another that served it."""
    return HangupReason(
        Fault.UNDECIDED,
        (
            cause("a client that connects ahead of need, as browsers and pools do"),
            unlikely(
                "an access list, a limit of connections, or a proxy whose backend is gone",
                "the same client was answered on another connection meanwhile",
            ),
        ),
        "Nothing to do: a server closes what its clients opened ahead of need and did not use.",
        kind="spare",
        is_usual=True,
        told=f" The same client asked on {some(served, 'other connection')} meanwhile, and was answered there.",
    )


def _asked_beside(case: Case) -> int:
    """Count other connections of the same client that were served while the server waited for this one to speak."""
    waited = case.server.figure(Fact.FIN_AFTER_IDLE) or 0
    if case.client.has(Fact.SENT_DATA) or waited < _NOTICED:
        return 0
    connection = case.connection
    begun, ended = case.of_socket(_served_by_client).get(case.client.address, ([], []))
    return bisect_right(begun, connection.last_time_ns) - bisect_left(ended, connection.first_time_ns)


def _served_by_client(connections: list[Connection]) -> dict[str, tuple[list[int], list[int]]]:
    """Return when the connections of each client on which it asked and was answered began, and when the server last
    spoke, each in order, in Unix ns."""
    served: dict[str, tuple[list[int], list[int]]] = {}
    for one in connections:
        if 0 < one.server.turns <= one.client.turns:
            begun, ended = served.setdefault(one.client.address, ([], []))
            begun.append(one.first_time_ns)
            ended.append(one.server.last_time_ns or one.last_time_ns)
    for begun, ended in served.values():
        begun.sort()
        ended.sort()
    return served


def _others_ask(case: Case) -> int:
    """Count others on which the client spoke first, where the server waited in vain for this one to speak."""
    waited = case.server.figure(Fact.FIN_AFTER_IDLE) or 0
    if case.client.has(Fact.SENT_DATA) or waited < _NOTICED:
        return 0
    asked = case.of_socket(_count_asked)
    return asked if asked >= _SEVERAL else 0


def _count_asked(connections: list[Connection]) -> int:
    return sum(0 < one.server.turns <= one.client.turns for one in connections)


def _timed_out(alike: int) -> HangupReason:
    return HangupReason(
        Fault.UNDECIDED,
        (
            cause("requests that never become whole: a head without its end, perhaps on purpose (slowloris)"),
            *_CAUSES,
        ),
        "See which of its time-outs has this length: one for requests, if its clients do not finish them; of a "
        "proxy, one for backends, if none of them answers.",
        kind="time-out",
        told=f" It waited as long after the client's last word on {some(alike, 'other connection')}: a time-out "
        "seems to run out, for the rest of a request or for a backend that it asks in vain.",
    )


def _closed_alike(case: Case) -> int:
    """Count the others whose server closed after the same silence, where the client had begun a request.

    Connections that are closed at one instant tell of no time-out: the program may have ended.
    """
    waited = case.server.figure(Fact.FIN_AFTER_IDLE) or 0
    if not case.client.has(Fact.SENT_DATA):
        return 0
    waits, times = case.of_socket(_closed_unanswered)
    alike = place_of_those_near(waits, waited, waited // _EQUAL)
    if max(waits[alike], default=0) < _NOTICED:  # of a second, some are a little shorter
        return 0
    is_one_instant = not times[alike] or max(times[alike]) - min(times[alike]) < _INSTANT
    return 0 if is_one_instant else len(times[alike]) - 1


def _closed_unanswered(connections: list[Connection]) -> tuple[list[int], list[int]]:
    """Return after what silences a server closed on clients that had begun a request, in order, in ns, and when
    each, in Unix ns."""
    begun = (one for one in connections if one.client.bytes and not one.server.bytes)
    closed = sorted(
        (seen.figure or 0, seen.time_ns)
        for one in begun
        if (seen := sighting(one, Fact.FIN_AFTER_IDLE, Side.SERVER)) is not None
    )
    return [figure for figure, _ in closed], [time_ns for _, time_ns in closed]
