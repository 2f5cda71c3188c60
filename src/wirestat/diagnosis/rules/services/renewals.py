"""Servers that close each of their connections at one age, though it is in use."""

from collections.abc import Iterator

from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.shown import closed_first, sighting
from wirestat.diagnosis.study.common import by_socket
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity, Side, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_SEVERAL = 4
_SPREAD = 100
"""Ages that are equal but for one part in so many are the same."""
_YOUNG = 10 * SECOND
"""Below this age servers close because they have answered."""
_BUSY = 3
"""So often a client has spoken by then: it is not the answer to one request that took so long."""
_PUSHED = 10
"""A server that goes on so often without being asked pushes news."""
_MINUTE = 60 * SECOND
_LONG = 5 * _MINUTE
_IDLE = 20
"""A silence of the server of one part in so many of that age may be what ended it."""
_OLDER = 50
"""A connection that lives on by one part in so many of the age, and more, knows no such limit."""


@capture_rule("D59", "Closed at a certain age", Severity.NOTE)
def closed_at_a_certain_age(analysis: Analysis) -> Iterator[Overall]:
    """A server closes each of its connections at the same age, though they are in use.

    What it means: the server renews connections after a while (a maximum age), or counts something that each client
    does in a steady time and closes when it is too much: pings of HTTP/2 that come too often, requests beyond a
    number. It is no idle time-out: the connections were not idle.

    Why it matters: clients reconnect for ever, and what is under way at that moment may fail.

    Rivals: an idle time-out (D30), which depends on the last silence. Answers that all take equally long: only
    connections on which both ends have spoken several times count, and streams that end when minutes are full. A
    limit that resets is D39.

    What to do: look for that time among the server's limits, and at what its last message says (GOAWAY and its
    reason).

    See it: no capture of it is kept: it takes longer than the lab waits.

    RFC 9293: 3.6 (closing a connection); RFC 9113, 6.8 (GOAWAY).
    """
    lasting = (one.opened - one.short_lived for one in analysis.summary.listeners)
    if not is_few(analysis) or all(count < _SEVERAL for count in lasting):
        return
    for connections in by_socket(analysis).values():
        closed = {one.id: age for one in connections if (age := _age(one)) is not None}
        if len(closed) < _SEVERAL:
            continue
        least, most = min(closed.values()), max(closed.values())
        if most - least <= least // _SPREAD and not _is_outlived(analysis, connections, closed, least):
            yield _renewed(analysis, [one for one in connections if one.id in closed], least)


def _age(one: Connection) -> int | None:
    """Return how old a connection in use was when its server closed it, in ns; else nothing."""
    closed = sighting(one, Fact.FIN_SENT, Side.SERVER)
    if closed is None or one.client.isn is None or not closed_first(one, Side.SERVER):
        return None
    age = closed.time_ns - one.first_time_ns
    if min(one.client.turns, one.server.turns) < _BUSY and not _was_pushed(one, age):
        return None
    idle = sighting(one, Fact.FIN_AFTER_IDLE, Side.SERVER)
    silence = max((idle.figure or 0) if idle else 0, one.server.longest_think_ns)
    return age if age >= _YOUNG and silence * _IDLE <= age else None


def _was_pushed(one: Connection, age_ns: int) -> bool:
    """Say whether the server went on and on unasked, and closed when minutes were full, as a limit does: a stream of
    its own length seldom ends so."""
    pushed = sighting(one, Fact.SPOKE_UNASKED, Side.SERVER)
    often = (pushed.figure or 0) if pushed else 0
    is_round = min(age_ns % _MINUTE, -age_ns % _MINUTE) <= SECOND // 2
    return often >= _PUSHED and age_ns >= _LONG and is_round


def _is_outlived(
    analysis: Analysis, connections: list[Connection], closed: dict[int, int], age_ns: int
) -> bool:
    """Say whether a client has connections that grew older than those that were closed for their age."""
    clients = {one.client.address for one in connections if one.id in closed}
    now_ns, beyond = analysis.now_ns or 0, age_ns + age_ns // _OLDER
    return any(
        (now_ns if one.server.state is State.ESTABLISHED else one.last_time_ns) - one.first_time_ns > beyond
        for one in connections
        if one.client.address in clients and one.id not in closed
    )


def _renewed(analysis: Analysis, connections: list[Connection], age_ns: int) -> Overall:
    server, ids = connections[0].server, [one.id for one in connections]
    # A limit is set in whole seconds, and the tap sees them a little longer or shorter.
    age = span((age_ns + SECOND // 2) // SECOND * SECOND)
    clients = {one.client.address for one in connections}
    whose = f"client {clients.pop()}" if len(clients) == 1 else some(len(clients), "client")
    return Overall(
        doubts=("clients that all do the same, and are done at the same age, would look the same",),
        fault=Fault.SERVER,
        explanation=f"{socket(server.address, server.port)} closed {some(len(connections), 'connection')} of {whose} "
        f"at an age of {age} each, in the midst of their traffic.",
        rivals=(
            cause("a maximum age of connections"),
            cause(
                "a count that is full at that age: requests of one connection, or pings that come too often "
                "(gRPC: too_many_pings)"
            ),
            ruled_out("an idle time-out (D30)", "the connections were not idle"),
        ),
        advice=advise(
            f"Look for a limit of {age} at the server, or of what its clients do in that time; the log of either "
            "end may hold the reason (GOAWAY).",
            at(
                server.address,
                analysis.timers.name,
                "grep -rnsE 'max[-_](connection|age|requests|ping)' /etc/nginx /etc/haproxy /etc/envoy",
            ),
        ),
        **of_connections(connections),
        place=place_of_examples(analysis, ids, are_all=True),
        replaces=frozenset({"D17", "D30"}),
        absorbs=frozenset(ids),
    )
