"""Connections that a server ends at once, with few words or none."""

from wirestat.diagnosis.shown import let_go
from wirestat.model import Connection, Side
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_AT_ONCE = SECOND
"""Who is turned away is so before long."""
_WORDS = 1024
"""No reason for that takes more octets."""
_UNFIT = {Fact.MID_STREAM, Fact.ONE_WAY, Fact.FRAMES_MISSING}


def is_turned_away(one: Connection) -> bool:
    """Say whether the server ended it at once, with few words of its own or none."""
    own, other = let_go(one, Side.SERVER), let_go(one, Side.CLIENT)
    if own is None or any(seen.fact in _UNFIT for seen in one.facts):
        return False
    if other is not None and other.moment < own.moment:
        return False
    is_brief = one.server.turns <= 1 and one.server.bytes <= _WORDS and one.client.turns <= 1
    return is_brief and own.time_ns - one.first_time_ns < _AT_ONCE
