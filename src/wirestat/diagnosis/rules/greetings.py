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


def late_greetings(analysis: Analysis, sockets: Iterable[list[Connection]]) -> Iterator[Overall]:
    """Tell of those sockets, by their connections, that greet each client after the same long time."""
    for connections in sockets:
        greeted = list(filter(_was_greeted, connections))
        waits = [one.first_byte_ns or 0 for one in greeted]
        if (
            len(greeted) >= _SEVERAL
            and min(waits) >= _LATE
            and max(waits) - min(waits) <= min(waits) // _ALIKE
        ):
            yield _late(analysis, greeted, sum(waits) // len(waits))


def _was_greeted(one: Connection) -> bool:
    """Say whether the server spoke first, as the turns of both tell, in a capture that holds the opening."""
    if one.connect_ns is None or one.first_byte_ns is None or one.server.unseen_bytes:
        return False
    unfit = any(seen.fact in (Fact.MID_STREAM, Fact.ONE_WAY) for seen in one.facts)
    return not unfit and 0 < one.client.turns < one.server.turns


def _late(analysis: Analysis, greeted: list[Connection], usual: int) -> Overall:
    server = greeted[0].server
    name = socket(server.address, server.port)
    connect = max(one.connect_ns or 0 for one in greeted)
    return Overall(
        doubts=("a server that waits for something on purpose does the same",),
        fault=Fault.SERVER,
        explanation=f"{name} speaks first, and does so {span(usual)} after the handshake, on "
        f"{some(len(greeted), 'connection')} alike. The handshakes took {span(connect)} at most: the server "
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
