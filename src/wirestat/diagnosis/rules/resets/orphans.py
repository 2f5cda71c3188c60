"""Servers that reset where they closed by a FIN before, since many of their FINs are not answered."""

import msgspec

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.shown import closed_first, is_shown, sighting
from wirestat.model import Connection, Side, State
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 3
"""Fewer resets, or fewer FINs that wait, are chance."""


SEE_ORPHANS = (
    "See whether the kernel's log says 'too many orphaned sockets' (TCPAbortOnMemory counts them); else the "
    "application has begun to abort (SO_LINGER 0)."
)


class _Ways(msgspec.Struct, frozen=True):
    """How a server ended the connections of a socket: instants in Unix ns."""

    resets: list[int]
    """Its resets after it had answered."""
    fins: list[int]
    """Its FINs that came first and were acknowledged."""
    waiting: list[int]
    """Its FINs that are not acknowledged, when it sent them first."""


def no_room_for_orphans(case: Case, end: End) -> str:
    """Say that a server has reset its clients since it waits for the acknowledgements of many FINs."""
    reset = end.fact(Fact.RST_ABORTS) if end is case.server and end.has(Fact.SENT_DATA) else None
    if reset is None or end.has(Fact.FIN_SENT):
        return ""
    ways = case.of_socket(_ways)
    if not ways.resets:
        return ""
    since = ways.resets[0]
    waiting, closed = sum(at < since for at in ways.waiting), sum(at < since for at in ways.fins)
    if min(len(ways.resets), waiting, closed) < _SEVERAL:
        return ""
    if closed < len(ways.fins) or waiting < len(ways.waiting):
        return ""  # it still closes by FINs as well
    return (
        f" It closed {some(closed, 'connection')} by a FIN before, and none since the first of "
        f"{some(len(ways.resets), 'such reset')}; by then {some(waiting, 'FIN')} of it waited for an ACK. "
        "A kernel that holds as many orphans as it may (tcp_max_orphans of Linux) resets what is closed then."
    )


def _ways(connections: list[Connection]) -> _Ways:
    resets: list[int] = []
    fins: list[int] = []
    waiting: list[int] = []
    for one in connections:
        fin, reset = (sighting(one, fact, Side.SERVER) for fact in (Fact.FIN_SENT, Fact.RST_ABORTS))
        if reset and not fin and one.server.bytes:
            resets.append(reset.time_ns)
        if fin and closed_first(one, Side.SERVER):
            is_waiting = one.server.state is State.FIN_WAIT1 and is_shown(one, Fact.FIN_RESENT, Side.SERVER)
            (waiting if is_waiting else fins).append(fin.time_ns)
    return _Ways(sorted(resets), fins, waiting)
