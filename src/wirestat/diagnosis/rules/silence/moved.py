"""Hosts that forget all connections of a client at one instant, and go on to accept new ones: the address moved."""

from typing import NamedTuple

from wirestat.diagnosis.advice import on
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.diagnosis.words import instant
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_SEVERAL = 3
"""Fewer are not forgotten at one instant but by chance."""
_RESTART = 3 * SECOND
"""Hardly any host restarts, and listens again, in less."""


class _Move(NamedTuple):
    """The resets by which a host told that it knew nothing of older connections, in Unix ns."""

    from_ns: int
    until_ns: int
    many: int
    away_ns: int
    """The time from a word of one of them that it surely answered to the first of these resets, at most."""


def moved(case: Case, end: End) -> str:
    """Say that a host forgot all connections that were open, in next to no time, and accepted new ones."""
    reset = end.fact(Fact.RST_NO_SOCKET)
    move = case.between_hosts(_move) if end is case.server and reset is not None else None
    if move is None or reset is None or not move.from_ns <= reset.time_ns <= move.until_ns:
        return ""
    return (
        f" From {instant(case.analysis, move.from_ns)} on, all {move.many:,} connections between these hosts that "
        f"were open were answered so, one of which had been well {span(move.away_ns)} before, and new ones were "
        "accepted: hardly any host restarts so fast. Another host seems to have the address now (a failover, a "
        "container that was replaced), or a device on the way hands on to another."
    )


def ask_who_has_it(end: End) -> str:
    """Return the command that tells which machine has an address."""
    return on(end.other, f"ip neigh show {end.address}; arping -c 3 {end.address}")


def _move(connections: list[Connection]) -> _Move | None:
    """Find the instant from which on a host knew none of the connections that were open."""
    forgotten = [
        (seen.time_ns, one)
        for one in connections
        if one.connect_ns is not None
        and one.server.turns
        and (seen := sighting(one, Fact.RST_NO_SOCKET, Side.SERVER)) is not None
        and not is_shown(one, Fact.FIN_SENT)
    ]
    if len(forgotten) < _SEVERAL:
        return None
    first, last = min(at for at, _ in forgotten), max(at for at, _ in forgotten)
    # Each was answered no longer before its reset than its client ever waited with its next word.
    well = max(at - one.client.longest_think_ns for at, one in forgotten)
    begun = [one for one in connections if well <= one.first_time_ns <= last + _RESTART]
    if last - first > _RESTART or first - well > _RESTART or not begun:
        return None
    if any(one.connect_ns is None for one in begun) or all(one.first_time_ns < first for one in begun):
        return None  # a connect was refused, or went unanswered; or none was accepted after
    if any(one.first_time_ns < well and (one.server.last_time_ns or 0) > last for one in connections):
        return None  # one that was open lives on
    return _Move(first, last, len(forgotten), max(first - well, 0))
