"""Handshakes that are reset at their last step within one round trip, while others of the socket end well."""

from operator import attrgetter

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.rivals import Rival, cause
from wirestat.diagnosis.shown import opened_ns, round_trips_ns, sighting
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_SEVERAL = 3
"""Fewer resets, or handshakes that end well meanwhile, tell nothing of one instant."""
_LEAST = 5 * MILLISECOND
"""So much may lie between resets of one instant, however short the round trip is."""


def amid_handshakes(case: Case) -> str:
    """Say that all handshakes that were reset were under way at one instant, and that others ended well meanwhile."""
    reset, meanwhile, took = case.of_socket(_at_one_instant)
    if not reset:
        return ""
    return (
        f" {reset} handshakes of this socket were reset so, all within {span(took)}, so that all were under way at "
        f"one instant; {meanwhile} others ended well meanwhile. What had answered their SYNs was gone then, it seems."
    )


def lost_listener(case: Case) -> tuple[Rival, ...]:
    """Name the cause of that, where it is so."""
    if not amid_handshakes(case):
        return ()
    return (
        cause(
            "one of several listening sockets of this port (SO_REUSEPORT) was closed, as by a reload",
            "its handshakes end at another",
        ),
    )


def _at_one_instant(connections: list[Connection]) -> tuple[int, int, int]:
    """Count the handshakes that were reset, and those that ended well meanwhile; and the time between, in ns."""
    resets = [
        (seen.time_ns, one)
        for one in connections
        if (seen := sighting(one, Fact.RST_ANSWERS_HANDSHAKE_ACK, Side.SERVER))
    ]
    if len(resets) < _SEVERAL:
        return 0, 0, 0
    first, last = min(at for at, _ in resets), max(at for at, _ in resets)
    trip = max(round_trips_ns(one, 1, _LEAST) for _, one in resets)
    began = max(map(attrgetter("first_time_ns"), (one for _, one in resets)))
    well = sum(first <= at <= last for at in opened_ns(connections)) - len(resets)
    if last - first > trip or began > first or well < _SEVERAL:
        return 0, 0, 0
    return len(resets), well, last - first
