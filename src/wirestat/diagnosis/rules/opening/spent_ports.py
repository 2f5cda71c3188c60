"""Connects that go unanswered whenever their client has used as many ports of late: a translation has no more."""

from bisect import bisect_left, bisect_right

import msgspec

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.rivals import Rival, cause, unlikely
from wirestat.diagnosis.shown import opened_ns
from wirestat.model import Connection
from wirestat.spans import span
from wirestat.timers import SECOND

_SEVERAL = 5
"""Fewer connects in vain, or let in as a port comes free, are chance."""
_LEAST = 16
"""Translations give a host more ports than this; fewer connections are a limit of another kind."""
_COARSE = 16
"""Translations look only now and then which ports are free again: one in so many may still be held."""
_KEPT = (60 * SECOND, 120 * SECOND, 240 * SECOND)
"""For how long they keep the port of a connection that is over: TIME_WAIT of Linux, of clouds and of RFC 9293."""


class Spent(msgspec.Struct, frozen=True):
    """A number of ports, each of which is kept for a while after its connection."""

    ports: int
    kept_ns: int


def spent_ports(case: Case) -> Spent | None:
    """Return how many ports the client seems to have for this socket, if its SYN came when all were in use."""
    found = case.of_both(_spent)
    is_slow = case.connection.connect_ns is None or case.connection.syn_copies > 0
    return found if is_slow else None


def told_of(spent: Spent) -> str:
    """Say what speaks for it."""
    return (
        f" Each time, the client had about {spent.ports} connections to this socket that were open, or over for less "
        f"than {span(spent.kept_ns)}; it was let in whenever it had fewer, and never with more: a translation on the "
        f"way (NAT) has {spent.ports} ports for it there, it seems, and keeps each for so long."
    )


def why_spent(spent: Spent, queue: str) -> tuple[Rival, ...]:
    """Weigh that against a full ``queue``."""
    return (
        cause(
            "the ports of a translation on the way (NAT) are spent",
            f"it has {spent.ports} for this client and this socket",
        ),
        unlikely(queue, "it goes with how many ports this client used of late"),
    )


def _spent(connections: list[Connection]) -> Spent | None:
    let_in = opened_ns(connections)
    over = sorted(one.last_time_ns for one in connections if one.connect_ns is not None)
    in_vain = sorted(one.first_time_ns for one in connections if one.connect_ns is None or one.syn_copies)
    if len(let_in) < _LEAST or len(in_vain) < _SEVERAL:
        return None
    for kept in _KEPT:
        free = [end + kept for end in over]
        used, used_in_vain = (
            [bisect_left(let_in, at) - bisect_right(free, at) for at in instants]
            for instants in (let_in, in_vain)
        )
        most = max(used) + 1
        nearly = most - most // _COARSE
        let_in_again = sum(count >= nearly for count in used[bisect_right(let_in, in_vain[0]) :])
        if most >= _LEAST and min(used_in_vain) >= nearly and let_in_again >= _SEVERAL:
            return Spent(most, kept)
    return None
