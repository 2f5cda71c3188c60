"""Connections whose time goes into round trips: each question waits for the answer to the one before, far away."""

from collections.abc import Iterator

from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import ruled_out, still_open
from wirestat.diagnosis.rules.path.loaded import under_load
from wirestat.diagnosis.study.common import by_socket
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import percent
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_SEVERAL = 3
"""Connections; of fewer it may be chance."""
_TURNS = 4
"""Exchanges in turn on one connection; a handshake of TLS and a request are fewer."""
_FAR = 20 * MILLISECOND
"""A nearer host costs nobody time that is felt."""
_LONG = 500 * MILLISECOND
"""Whoever is served sooner does not complain."""
_NEARLY = 5
"""All but one part in so many of the time is the way's."""
_UNFIT = {
    Fact.MID_STREAM,
    Fact.ONE_WAY,
    Fact.SYN_MISSING,
    Fact.FRAMES_MISSING,
    Fact.SYN_RESENT,
    Fact.DATA_RESENT,
    Fact.ZERO_WINDOW,
    Fact.WAITED_FOR_ACK,
    Fact.ACKS_FROM_ELSEWHERE,
}


@capture_rule("D63", "Many round trips", Severity.INFO)
def many_round_trips(analysis: Analysis) -> Iterator[Overall]:
    """Most of the time of a socket's connections is the way: many exchanges in turn, each a round trip long.

    What it means: the client asks, waits for the answer, and asks again, many times on each connection. Neither end
    is slow, and nothing is lost: what it takes is the distance, times the number of turns (connect, greeting, login,
    settings, query by query).

    Why it matters: a program that is quick beside its database is slow once that is in another city, and no server's
    log shows why. A faster line does not help.

    Rivals: a slow server (D49): its answers would take longer than the round trip of the handshake. Loss. Delayed
    acknowledgements (D53), which look like a longer way. A queue that a transfer fills is D64.

    What to do: keep connections open and use them again; ask for several things at once (pipelining, a batch, a join
    in place of a query for each row); put the client near the server.

    See it: no capture of it is kept: the lab's ways are short.

    RFC 9293: none; it is about connections, and not about how many questions they carry.
    """
    if not is_few(analysis):
        return
    several = (
        found
        for connections in by_socket(analysis).values()
        if len(found := list(filter(_is_spent_on_the_way, connections))) >= _SEVERAL
    )
    behind: frozenset[int] | None = None
    for found in several:
        behind = under_load(analysis) if behind is None else behind
        long = [one for one in found if one.id not in behind]
        if len(long) >= _SEVERAL:
            yield _told(analysis, long)


def _is_spent_on_the_way(one: Connection) -> bool:
    trip, turns = one.handshake_rtt_ns or 0, _turns(one)
    if trip < _FAR or turns < _TURNS or abs(one.client.turns - one.server.turns) > 1:
        return False
    took = _took_ns(one)
    is_way = trip * (turns + 1) * _NEARLY >= took * (_NEARLY - 1)
    return took >= _LONG and is_way and not any(seen.fact in _UNFIT for seen in one.facts)


def _turns(one: Connection) -> int:
    return min(one.client.turns, one.server.turns)


def _took_ns(one: Connection) -> int:
    """Return how long it took in all to connect, and for both ends to wait for each other."""
    return one.client.think_ns + one.server.think_ns + one.network_ns


def _told(analysis: Analysis, found: list[Connection]) -> Overall:
    one = max(found, key=_took_ns)
    took, trip, turns = _took_ns(one), one.handshake_rtt_ns or 0, _turns(one)
    return Overall(
        doubts=("a way that is slow for what is small alone is not told from one that is long",),
        fault=Fault.PATH,
        explanation=f"{some(len(found), 'connection')} to {socket(one.server.address, one.server.port)} spent most "
        f"of their time on the way. Connection {one.id}, for instance: {some(turns, 'exchange')} in turn and the "
        f"handshake, each a round trip of {span(trip)}: {span(took)}, {percent(one.network_ns, took)} of it on the "
        f"way; the server thought for {span(one.server.think_ns)} in all.",
        rivals=(
            ruled_out("a slow server (D49)", "its answers come after one round trip of the handshake"),
            ruled_out("loss", "nothing was sent again"),
            still_open(
                "a queue on the way that is full all along (bufferbloat)", "the handshake waits in it, too"
            ),
        ),
        advice=advise(
            "Keep connections open and use them again (a pool); ask for several things at once (pipelining, a batch, "
            "one query for many rows); put the client near the server. A faster line does not help."
        ),
        **of_connections(found),
        place=place_of_examples(analysis, [each.id for each in found], are_all=True),
    )
