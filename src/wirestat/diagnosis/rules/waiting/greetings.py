"""Servers that speak first, and keep their clients waiting for it."""

from collections.abc import Iterable, Iterator

from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.rivals import cause, still_open, unlikely
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_LATE = 2 * SECOND
"""A greeting that comes sooner annoys nobody."""
_SEVERAL = 3
_ALIKE = 4
"""Waits that are equal but for one part in so many have one cause: news would come at any time."""
_MOST = 4
"""All but one part in so many are greeted late: the others find a name that was looked up before."""
_TRIES = 3
"""A name server that does not answer is asked no oftener, nor are more than so many."""


def late_greetings(analysis: Analysis, sockets: Iterable[list[Connection]]) -> Iterator[Overall]:
    """Tell of those sockets, by their connections, that greet each client after the same long time."""
    for connections in sockets:
        greeted = list(filter(_was_greeted, connections))
        late = [one for one in greeted if (one.first_byte_ns or 0) >= _LATE]
        if len(late) < max(_SEVERAL, len(greeted) - len(greeted) // _MOST):
            continue
        waits = [one.first_byte_ns or 0 for one in late]
        if all(_is_multiple(wait, min(waits)) for wait in waits):
            yield _late(analysis, late, waits)


def _is_multiple(wait: int, least: int) -> bool:
    """Say whether it is about as long as the least wait, or as several: a look-up is tried again."""
    times = round(wait / least)
    return times <= _TRIES and abs(wait - times * least) <= least // _ALIKE


def _was_greeted(one: Connection) -> bool:
    """Say whether the server spoke first, as the turns of both tell, in a capture that holds the opening."""
    if one.connect_ns is None or one.first_byte_ns is None or one.server.unseen_bytes:
        return False
    unfit = any(seen.fact in (Fact.MID_STREAM, Fact.ONE_WAY) for seen in one.facts)
    return not unfit and 0 < one.client.turns < one.server.turns


def _how_late(waits: list[int]) -> str:
    least, most = min(waits), max(waits)
    if most - least <= least // _ALIKE:
        return span(sum(waits) // len(waits))
    return f"{span(least)} to {span(most)}"


def _late(analysis: Analysis, greeted: list[Connection], waits: list[int]) -> Overall:
    server = greeted[0].server
    name = socket(server.address, server.port)
    connect = max(one.connect_ns or 0 for one in greeted)
    return Overall(
        doubts=("a server that waits for something on purpose does the same",),
        fault=Fault.SERVER,
        explanation=f"{name} speaks first, and does so {_how_late(waits)} after the handshake, on "
        f"{some(len(greeted), 'connection')}. The handshakes took {span(connect)} at most: the server "
        "keeps its clients waiting.",
        rivals=(
            cause("it looks up the client's name, and the name server does not answer"),
            cause("it asks the client's host who is there (ident), and a firewall drops that"),
            cause("it holds back its greeting on purpose, against senders of spam"),
            still_open("news that come when they come", "but the waits are equal"),
            unlikely("a slow network", "the handshakes were quick"),
        ),
        advice=advise(
            "See whether the server looks up its clients' names; turn that off, or mend the name server.",
            at(server.address, analysis.timers.name, "tcpdump -ni any port 53 or tcp port 113"),
        ),
        **of_connections(greeted),
    )
