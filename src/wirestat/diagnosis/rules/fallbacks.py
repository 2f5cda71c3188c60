"""Clients that are refused at one address of a service, and let in at another at once."""

from msgspec.structs import replace

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.rivals import cause
from wirestat.diagnosis.verdict import Verdict
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
