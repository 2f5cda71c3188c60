"""Clients with few ports, all of which are in TIME_WAIT: they connect again when the first of these is over."""

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from wirestat.diagnosis.advice import advise, at, ss_address
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.rivals import cause, still_open
from wirestat.diagnosis.shown import closed_first
from wirestat.diagnosis.study.common import by_socket
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Side
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.words import socket, some

_SEVERAL = 5
"""Fewer ports that are used again after just that time are chance."""
_SOON = 16
"""Who waits for a port takes it within one part in so many of TIME_WAIT: the wheel of Linux's timers is as coarse."""
_EARLY = SECOND // 2
"""The kernel's timers run out up to this much early, as seen from the tap."""


class _Reuse(msgspec.Struct, frozen=True):
    """Connections of a client to a socket, each on a port that it had closed before."""

    again: list[Connection]
    ports: list[int]
    """All ports that it used there, in order."""
    paused_ns: int
    """How long it had opened nothing before the first of these."""


def short_of_ports(analysis: Analysis) -> Iterator[Overall]:
    """Tell of those clients that open nothing for as long as TIME_WAIT lasts, and then use the same ports again."""
    if not is_few(analysis):
        return
    for connections in by_socket(analysis).values():
        clients: defaultdict[str, list[Connection]] = defaultdict(list)
        for one in connections:
            clients[one.client.address].append(one)
        for own in clients.values():
            if (reuse := _reuse(own, analysis.timers.time_wait_ns)) is not None:
                yield _short(analysis, reuse)


def _reuse(own: list[Connection], time_wait_ns: int) -> _Reuse | None:
    """Find out whether a client uses its ports again when their TIME_WAIT is over, and opened none in between."""
    own = sorted(own, key=lambda one: one.first_time_ns)
    again = [one for one in own if one.previous is not None]
    if len(again) < _SEVERAL:
        return None
    began, by_id = again[0].first_time_ns, {one.id: one for one in own}
    for one in again:
        before = by_id.get(one.previous or 0)
        if before is None or not closed_first(before, Side.CLIENT):
            return None
        waited = one.first_time_ns - before.last_time_ns - time_wait_ns
        if not -_EARLY <= waited <= time_wait_ns // _SOON:
            return None
    earlier = [one.first_time_ns for one in own if one.first_time_ns < began]
    is_fresh_since = any(one.previous is None and one.first_time_ns > began for one in own)
    paused = began - max(earlier, default=began)
    if is_fresh_since or paused < time_wait_ns // 2:
        return None
    return _Reuse(again, sorted({one.client.port for one in own}), paused)


def _short(analysis: Analysis, reuse: _Reuse) -> Overall:
    client, server = reuse.again[0].client, reuse.again[0].server
    wait, system = span(analysis.timers.time_wait_ns), analysis.timers.name
    return Overall(
        doubts=("the client's port range is not in the capture",),
        fault=Fault.CLIENT,
        explanation=f"{client.address} used {some(len(reuse.ports), 'port')} ({reuse.ports[0]} to {reuse.ports[-1]}) "
        f"for its connections to {socket(server.address, server.port)}, opened none for {span(reuse.paused_ns)}, and "
        f"then used {len({one.client.port for one in reuse.again}):,} of these ports again, where it had closed "
        f"first, each when its TIME_WAIT ({wait}) was just over: it had no other left, it seems, and connect() fails "
        "then.",
        rivals=(
            cause("a narrow range of ports, or a program that binds its own"),
            still_open("a program that begins again after that time, and binds the same ports"),
        ),
        advice=advise(
            "Widen the range, keep connections open and share them, let the server close first, or turn on "
            "tcp_tw_reuse.",
            at(client.address, system, "sysctl net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse"),
            at(
                client.address,
                system,
                f"ss -tn state time-wait '( dport = :{server.port} )' dst {ss_address(server.address)} | wc -l",
            ),
        ),
        **of_connections(reuse.again),
    )
