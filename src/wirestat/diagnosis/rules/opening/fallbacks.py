"""Clients that get nothing at one address of a service, and go on to another at once."""

from bisect import bisect_left
from collections import defaultdict

from msgspec.structs import replace

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.rivals import cause
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.words import socket

_NEXT = 300 * MILLISECOND
"""A client that is refused asks the next address of a name at once (RFC 8305, 5)."""


def let_in_elsewhere(case: Case, told: Verdict) -> Verdict:
    """Name the address that let a client in each time when this one had refused."""
    server = case.server
    other = case.accepted_next(_NEXT)
    if other is None:
        return told
    families = ("IPv6" if ":" in each else "IPv4" for each in (server.address, other))
    here, there = families
    bound = f"bound to {there} alone" if here != there else f"bound to {other} alone"
    where = socket(other, server.port)
    return replace(
        told,
        explanation=f"{told.explanation} Each time {where} let a client in within {span(_NEXT)}: clients seem to try "
        "one address of the service after the other, and get what they want there.",
        rivals=(cause(f"a listening socket that is {bound}", f"{where} accepts"), *told.rivals),
    )


def answered_next(case: Case, left_ns: int) -> str | None:
    """Return the socket of another host at the same port that answered this client when it had left the server."""
    answered = case.of_client(_answered).get(case.server.port, [])
    for began, host in answered[bisect_left(answered, (left_ns, "")) :]:
        if began > left_ns + _NEXT:
            break
        if host != case.server.address:
            return socket(host, case.server.port)
    return None


def _answered(connections: list[Connection]) -> dict[int, list[tuple[int, str]]]:
    """Return when a client's connections began that were answered, by port and in order, in Unix ns, and by which
    host."""
    found: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for one in connections:
        if one.server.bytes:
            found[one.server.port].append((one.first_time_ns, one.server.address))
    return {port: sorted(each) for port, each in found.items()}
