"""Devices that reject what goes to a socket: they reset what is open, and refuse what is new."""

from wirestat.diagnosis.case import Case, End
from wirestat.model import Connection
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_SEVERAL = 3
"""So many refusals with a TTL that is not the host's are no accident."""
_MEANWHILE = 5 * SECOND
"""Refusals so long before or after a reset are of the same rule; later ones may have another reason."""
_FIRST_TTLS = (32, 64, 128, 255)
"""TTLs that hosts begin with."""


def refused_alike(case: Case, end: End) -> int:
    """Count the connects that were refused with the TTL of this end's reset, at about its time, 0 if hardly any.

    Nothing where the host may do so itself: where a stack gives its resets another TTL, both come from equally far.
    """
    reset, ttl, usual = end.fact(Fact.RST_SENT), end.figure(Fact.RST_SENT), end.record.ttl
    if (
        end is not case.server
        or not end.has(Fact.RST_TTL_DIFFERS)
        or reset is None
        or not ttl
        or usual is None
    ):
        return 0
    if _hops(ttl) == _hops(usual):
        return 0
    count = sum(_was_refused(one, ttl, reset.time_ns) for one in case.neighbours)
    return count if count >= _SEVERAL else 0


def _hops(ttl: int) -> int:
    """Return how many routers a packet has passed, by the TTL that it began with most likely."""
    return next(first for first in _FIRST_TTLS if first >= ttl) - ttl


def _was_refused(one: Connection, ttl: int, about_ns: int) -> bool:
    return any(
        seen.fact is Fact.REFUSED and seen.figure == ttl and abs(seen.time_ns - about_ns) <= _MEANWHILE
        for seen in one.facts
    )
