"""Sockets that take nobody: their kernel opens connections until its queue is full, and no program accepts them."""

from bisect import bisect_left

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.shown import sighting
from wirestat.model import Connection, Side
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 3
"""So many connections that nobody took are no chance."""


def takes_nobody(case: Case) -> str:
    """Say of how many connections to its socket the server had taken no notice when a SYN came; "" of few.

    They do not count where the server spoke on any other meanwhile: a program that takes nobody says nothing.
    """
    given_up, first_ns, spoke_ns = case.of_socket(_untaken)
    before = bisect_left(given_up, case.connection.first_time_ns)
    if before < _SEVERAL or spoke_ns > first_ns:
        return ""
    return (
        f" On {some(before, 'connection')} to this socket the client had asked and closed by then, and it had "
        "neither said a word nor closed: its program takes nobody, it seems, and those fill its queue."
    )


def _untaken(connections: list[Connection]) -> tuple[list[int], int, int]:
    """Return when clients closed that had asked, while the server said nothing and did not close, in order; when the
    first of these began; and when the server last spoke on any other: all in Unix ns."""
    unfit = (Fact.FIN_SENT, Fact.RST_SENT, Fact.MID_STREAM, Fact.ONE_WAY, Fact.SYN_ACK_RESENT_AFTER_ACK)
    given_up, first_ns, spoke_ns = [], 0, 0
    for one in connections:
        if one.server.bytes:
            spoke_ns = max(spoke_ns, one.server.last_time_ns or 0)
        elif one.connect_ns is None or not one.client.bytes or _shows(one, unfit):
            continue
        elif closed := sighting(one, Fact.FIN_SENT, Side.CLIENT):
            given_up.append(closed.time_ns)
            first_ns = first_ns or one.first_time_ns  # they are in the order of their beginnings
    return sorted(given_up), first_ns, spoke_ns


def _shows(one: Connection, facts: tuple[Fact, ...]) -> bool:
    """Say whether any of these is on record about the connection or its server."""
    return any(seen.fact in facts and seen.endpoint is not Side.CLIENT for seen in one.facts)
