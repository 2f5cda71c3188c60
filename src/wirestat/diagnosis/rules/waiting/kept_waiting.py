"""Connections on which a host is silent while it asks elsewhere in vain: it waits for that, it seems."""

from bisect import bisect_left
from collections import defaultdict

import msgspec

from wirestat.diagnosis.case import Case
from wirestat.model import Connection
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.words import socket, some

_EACH = 3
"""Fewer silences about a vain attempt are chance."""
_NOTICED = 3 * SECOND
_TIMES = 3
"""Who waits for an attempt goes on when it is given up: its silence is no longer than so many times the attempt."""

Socket = tuple[str, int]


class _Wait(msgspec.Struct, frozen=True):
    """Other connections of a client that stood still about its attempts at one socket."""

    socket: Socket
    count: int
    silence_ns: int
    """The shortest of the silences."""


def kept_waiting(case: Case) -> str:
    """Say on which connections the client was silent each time it asked this socket in vain."""
    wait = case.of_client(_waits).get((case.server.address, case.server.port))
    if wait is None:
        return ""
    return (
        f" Each time {case.client.address} was silent for {span(wait.silence_ns)} or longer on "
        f"{some(wait.count, 'connection')} to {socket(*wait.socket)}, and went on then: it seems to wait there for "
        "what it asks here."
    )


def _waits(connections: list[Connection]) -> dict[Socket, _Wait]:
    """Return what stood still about attempts in vain, by the socket that was asked."""
    slow = sorted(
        (one for one in connections if one.client.longest_think_ns >= _NOTICED),
        key=lambda one: one.first_time_ns,
    )
    began = [one.first_time_ns for one in slow]
    tries: defaultdict[Socket, int] = defaultdict(int)
    about: defaultdict[tuple[Socket, Socket], dict[int, int]] = defaultdict(dict)
    for one in connections:
        lasted = one.last_time_ns - one.first_time_ns
        if one.server.frames or lasted < _NOTICED:
            continue
        asked = one.server.address, one.server.port
        tries[asked] += 1
        place = bisect_left(began, one.first_time_ns) - 1
        if place < 0:
            continue
        silent = slow[place]
        think = silent.client.longest_think_ns
        if silent.last_time_ns > one.last_time_ns and lasted <= think <= _TIMES * lasted:
            about[asked, (silent.server.address, silent.server.port)][silent.id] = think
    return {
        asked: _Wait(waited, len(thinks), min(thinks.values()))
        for (asked, waited), thinks in about.items()
        if len(thinks) >= _EACH and len(thinks) == tries[asked]
    }
