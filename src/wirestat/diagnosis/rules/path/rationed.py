"""Servers whose segments stop on each connection after about as many bytes: something on the way seems to count."""

from typing import NamedTuple

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 3
_MUCH = 4096
"""Answers of fewer bytes are often as long as each other."""
_ALIKE = 8
"""Amounts that differ by one part in so many are the same, but for what was under way."""
_LONG = 5 * SECOND
"""Whoever goes on speaks sooner than this."""
_IN_VAIN = (Fact.FIN_RESENT, Fact.KEEPALIVE_UNANSWERED)
_OR_GONE = "; or these were whole answers, and the host has gone since"


class _Ration(NamedTuple):
    least: int
    most: int
    stopped: int
    """How many connections stopped between these amounts."""
    sound: int
    """How many others went on to their end, each with less."""
    is_heard_since: bool
    """Whether the server spoke on any of them after one that had stopped was asked in vain."""


def stopped_after(case: Case, closer: End) -> str:
    """Say that a server was silent long before its client closed or probed, each time after a certain amount."""
    server, ration = case.server, case.of_both(_ration)
    closed = closer.fact(Fact.FIN_SENT, Fact.KEEPALIVE_SENT)
    heard = server.record.last_time_ns
    if closer is not case.client or closed is None or heard is None or closed.time_ns - heard < _LONG:
        return ""
    if ration is None or not ration.least <= server.record.bytes <= ration.most:
        return ""
    amount = f"{ration.least:,} {'' if ration.least == ration.most else f'to {ration.most:,} '}bytes"
    beside = f", and {some(ration.sound, 'connection')} with less ended well" if ration.sound else ""
    return (
        f" The server had been silent for {span(closed.time_ns - heard)} by then: on {ration.stopped} connections "
        f"its segments stop after {amount}, none got more{beside}. Something on the way seems to count what a "
        f"connection brings, and to drop what goes beyond{'' if ration.is_heard_since else _OR_GONE}."
    )


def _ration(connections: list[Connection]) -> _Ration | None:
    """Return between which amounts the segments of a server stopped, where nobody answered the client any more."""
    silent = [one for one in connections if _has_stopped(one)]
    stopped = [one.server.bytes for one in silent]
    others = [one.server.bytes for one in connections if not _has_stopped(one)]
    if len(stopped) < _SEVERAL or min(stopped) < _MUCH or max(others, default=0) >= min(stopped):
        return None
    if (max(stopped) - min(stopped)) * _ALIKE > max(stopped):
        return None
    heard = max(one.server.last_time_ns or 0 for one in connections)
    return _Ration(
        min(stopped),
        max(stopped),
        len(stopped),
        sum(one > 0 for one in others),
        heard > min(map(_asked_in_vain_ns, silent)),
    )


def _has_stopped(one: Connection) -> bool:
    """Say whether a server said nothing any more, not even for its client's FIN or probes."""
    if any(is_shown(one, fact, Side.SERVER) for fact in (Fact.FIN_SENT, Fact.RST_SENT)):
        return False
    return any(is_shown(one, fact, Side.CLIENT) for fact in _IN_VAIN)


def _asked_in_vain_ns(one: Connection) -> int:
    return min(seen.time_ns for fact in _IN_VAIN if (seen := sighting(one, fact, Side.CLIENT)))
