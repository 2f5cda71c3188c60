"""SYNs that nothing answers, while ICMP rejects others of the same client: a rule that rejects may not say so.

Who sends ICMP errors limits how many (RFC 1812, 4.3.2.8; Linux: one a second for each address that is told).
"""

from typing import NamedTuple

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.rivals import Rival, cause, unlikely
from wirestat.diagnosis.rules.path.icmp_complaints import reporter
from wirestat.diagnosis.shown import sighting
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket

_MEANWHILE = 10 * SECOND
"""Rejections so long before or after are of the same rule; later ones may have another reason."""
_REJECTS = (Fact.ICMP_PROHIBITED, Fact.ICMP_PORT_UNREACHABLE)
"""The errors that a rule sends; a host or a network that cannot be reached says nothing of another."""


class Rejection(NamedTuple):
    """A SYN of the same client that ICMP rejected."""

    time_ns: int
    server: tuple[str, int]
    by: str
    """Who said so."""


def rejected_beside(case: Case) -> Rejection | None:
    """Return the rejection of another SYN of this client that is nearest in time, of the same socket if there is one.

    One by the server's own host counts for that host alone.
    """
    own, asked = (case.server.address, case.server.port), case.connection.first_time_ns
    found = [
        one
        for one in case.of_client(_rejections)
        if abs(one.time_ns - asked) <= _MEANWHILE and (one.by != one.server[0] or one.by == own[0])
    ]
    return min(found, key=lambda one: (one.server != own, abs(one.time_ns - asked)), default=None)


def _rejections(connections: list[Connection]) -> list[Rejection]:
    """Return which SYNs of a client were rejected by ICMP, and by whom."""
    shown = (
        (one, seen)
        for one in connections
        if not one.server.frames
        and (seen := next((told for fact in _REJECTS if (told := sighting(one, fact, Side.CLIENT))), None))
    )
    return [
        Rejection(seen.time_ns, (one.server.address, one.server.port), by)
        for one, seen in shown
        if (by := reporter(seen.figure))
    ]


def told_of_another(case: Case, other: Rejection) -> str:
    """Tell of the rejection: a sentence."""
    asked, own = case.connection.first_time_ns, (case.server.address, case.server.port)
    when = f"{span(abs(asked - other.time_ns))} {'before' if other.time_ns < asked else 'later'}"
    what = "another SYN to this socket" if other.server == own else f"a SYN to {socket(*other.server)}"
    return (
        f" {other.by} rejected {what} of the same client by ICMP {when} (D03): its rule may be behind this silence "
        "as well, as who rejects limits how many ICMP errors it sends."
    )


def why_rejected(case: Case, other: Rejection) -> tuple[Rival, ...]:
    """Name the rule first, and hold the others against it."""
    is_same = other.server == (case.server.address, case.server.port)
    rule = cause(f"a rule of {other.by} that rejects", "it did so of another SYN of this client")
    if not is_same:
        return (rule,)
    return (rule, unlikely("accept queue full at the server", "what is asked of this socket is rejected"))
