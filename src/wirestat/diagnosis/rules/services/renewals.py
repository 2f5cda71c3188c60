"""Servers that close each of their connections at one age, though it is in use."""

from bisect import bisect_left
from collections import defaultdict
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
_RENEWED = 8
"""Of fewer, ages that are alike by a wide measure are chance."""
_JITTER = 1.4
"""So many times as old as the youngest is the oldest at most, where a limit is spread by chance (gRPC: by a tenth to
both sides) and a grace follows it."""
_SOON = SECOND
"""Within this time before or after its end its client has begun another one."""
_MOSTLY = 5
"""All but one in so many of those that grew old."""


@capture_rule("D59", "Closed at a certain age", Severity.NOTE)
def closed_at_a_certain_age(analysis: Analysis) -> Iterator[Overall]:
    """A server closes each of its connections at the same age, though they are in use.

    What it means: the server renews connections after a while (a maximum age), or counts something that each client
    does in a steady time and closes when it is too much: pings of HTTP/2 that come too often, requests beyond a
    number. It is no idle time-out: the connections were not idle. Where a limit is spread a little by chance, ages
    are alike and not equal: that is a hint.

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
        if len(closed) >= _SEVERAL:
            least, most = min(closed.values()), max(closed.values())
            if most - least <= least // _SPREAD and not _is_outlived(analysis, connections, closed, least):
                yield _renewed(analysis, [one for one in connections if one.id in closed], least)
                continue
        if renewed := _about_equally_old(connections):
            yield _renewed_about(analysis, renewed)


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


def _about_equally_old(connections: list[Connection]) -> list[Connection]:
    """Return connections that ended in the midst of their traffic at about one age, each as its client began another.

    Either end may have closed first: one that is told to go (GOAWAY) leaves by itself. Those that none replaced ended
    for other reasons, and were not older.
    """
    old = [one for one in connections if _lasted_ns(one) >= _YOUNG]
    if len(old) < _RENEWED:
        return []
    begun: defaultdict[str, list[int]] = defaultdict(list)
    for one in sorted(connections, key=lambda one: one.first_time_ns):
        begun[one.client.address].append(one.first_time_ns)
    renewed = [one for one in old if _was_busy(one) and _is_replaced(one, begun[one.client.address])]
    if len(renewed) < _RENEWED or len(renewed) * _MOSTLY < len(old) * (_MOSTLY - 1):
        return []
    ages = [_lasted_ns(one) for one in renewed]
    return renewed if max(map(_lasted_ns, old)) <= _JITTER * min(ages) else []


def _lasted_ns(one: Connection) -> int:
    return one.last_time_ns - one.first_time_ns


def _was_busy(one: Connection) -> bool:
    """Say whether both ends spoke several times, the last time just before one of them closed."""
    ends = [seen.time_ns for side in Side if (seen := sighting(one, Fact.FIN_SENT, side))]
    idle = [seen.figure or 0 for side in Side if (seen := sighting(one, Fact.FIN_AFTER_IDLE, side))]
    is_used = min(one.client.turns, one.server.turns) >= _PUSHED
    silence = max(*idle, one.server.longest_think_ns, 0)
    return bool(ends) and one.client.isn is not None and is_used and silence * _BUSY <= _lasted_ns(one)


def _is_replaced(one: Connection, begun: list[int]) -> bool:
    """Say whether the same client began another connection as this one ended."""
    place = bisect_left(begun, one.last_time_ns - _SOON)
    return place < len(begun) and one.first_time_ns < begun[place] <= one.last_time_ns + _SOON


def _renewed_about(analysis: Analysis, connections: list[Connection]) -> Overall:
    server, ids = connections[0].server, [one.id for one in connections]
    ages = [_lasted_ns(one) for one in connections]
    return Overall(
        severity=Severity.INFO,
        weak=True,
        doubts=("jobs that take about as long, one after the other, would look the same",),
        fault=Fault.UNDECIDED,
        explanation=f"{some(len(connections), 'connection')} to {socket(server.address, server.port)} ended at an "
        f"age of {span(min(ages))} to {span(max(ages))}, in the midst of their traffic, each as its client began "
        "another one; none grew older.",
        rivals=(
            cause("a maximum age that is spread a little, so that not all are renewed at once (gRPC, Envoy)"),
            ruled_out("an idle time-out (D30)", "the connections were not idle"),
        ),
        advice=advise(
            f"Look for a limit of about {span(min(ages))} at both ends, and for what a call does that is under way "
            "then."
        ),
        **of_connections(connections),
        place=place_of_examples(analysis, ids, are_all=True),
        replaces=frozenset({"D30"}),
        absorbs=frozenset(ids),
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
