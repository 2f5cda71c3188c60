"""Connections that a server ends at once, with few words or none."""

from wirestat.diagnosis.shown import closed_first, let_go
from wirestat.model import Connection, Side
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_AT_ONCE = SECOND
"""Who is turned away is so before long."""
_WORDS = 1024
"""No reason for that takes more octets."""
_NEARLY_TOGETHER = 100 * MILLISECOND
"""Both ends close for one reason."""
_UNFIT = {Fact.MID_STREAM, Fact.ONE_WAY, Fact.FRAMES_MISSING}


def is_turned_away(one: Connection) -> bool:
    """Say whether the server ended it at once, with few words of its own or none."""
    own, other = let_go(one, Side.SERVER), let_go(one, Side.CLIENT)
    return own is not None and (other is None or own.moment < other.moment) and _is_brief(one, own.time_ns)


def left_at_once(one: Connection) -> bool:
    """Say whether its client closed first, and the server at once, after few words: so it is where the server closes
    by itself, and the client was quicker."""
    own, other = let_go(one, Side.SERVER), let_go(one, Side.CLIENT)
    if own is None or other is None or own.moment < other.moment or not closed_first(one, Side.CLIENT):
        return False
    return own.time_ns - other.time_ns < _NEARLY_TOGETHER and _is_brief(one, own.time_ns)


def _is_brief(one: Connection, until_ns: int) -> bool:
    if any(seen.fact in _UNFIT for seen in one.facts) or until_ns - one.first_time_ns >= _AT_ONCE:
        return False
    return one.server.turns <= 1 and one.server.bytes <= _WORDS and one.client.turns <= 1
