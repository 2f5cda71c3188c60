"""Instants at which a server let go of several connections of a socket together, as a program does that ends."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import msgspec

from wirestat.diagnosis.shown import is_shown, let_go
from wirestat.model import Connection, Side
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_SEVERAL = 3
_APART = 20 * MILLISECOND
"""A process that ends closes what it has open one after the other, with no more between two of them."""
_OLD = SECOND
"""A connection that ends sooner may have been closed after its own answer, if it was answered."""
_SPREAD = 100 * MILLISECOND
"""Connections that began closer together may have met one time-out."""
_SLOWER = 20
"""Connections that began over so many times as long did not end together by chance."""
_ALIKE = 4
"""Waits that differ by no more than one part in so many may have met one limit, which is looked at now and then."""
_MOST = 2
"""Of those that it closes within a second, more than one in so many are of that instant: else it always closes."""


class Instant(msgspec.Struct, frozen=True):
    """An instant at which a server let go of several connections, of its own accord."""

    from_ns: int
    """When it let go of the first of them, in Unix ns."""
    until_ns: int
    """When it let go of the last of them, in Unix ns."""
    count: int
    resets: int
    """How many of them it reset."""
    settled: int
    """How many it reset though nothing was unread there, as far as the wire tells."""
    began_over_ns: int
    """How long after the first of them the last had begun."""
    others: int
    """How many more connections of the socket were open, and were so afterwards."""
    waited_ns: int | None = None
    """How long those that it reset had waited at least, where none was ever answered, and all had waited so long."""


class _Close(msgspec.Struct, frozen=True, order=True):
    at_ns: int
    began_ns: int
    is_reset: bool
    was_answered: bool
    is_settled: bool


def instants(connections: list[Connection]) -> list[Instant]:
    """Return the instants at which the server of a socket let go of most of what it closed around then."""
    taken = [
        one
        for one in connections
        if one.connect_ns is not None or is_shown(one, Fact.MID_STREAM) or is_shown(one, Fact.SYN_MISSING)
    ]
    closes = sorted(filter(None, map(_close, taken)))
    at = [close.at_ns for close in closes]
    began = sorted(one.first_time_ns for one in taken)
    over = sorted(filter(None, map(_over_ns, taken)))
    return [_instant(run, began, over) for run in _runs(closes) if _is_one_event(run, at)]


def instant_of(known: list[Instant], at_ns: int) -> Instant | None:
    """Return the one of some instants, which are in order, that lies at a time."""
    place = bisect_right(known, at_ns, key=lambda one: one.from_ns) - 1
    return known[place] if place >= 0 and at_ns <= known[place].until_ns else None


def _close(one: Connection) -> _Close | None:
    """Return when the server let go of a connection, where its client had not yet."""
    own, other = let_go(one, Side.SERVER), let_go(one, Side.CLIENT)
    if own is None or (other is not None and other.moment < own.moment):
        return None
    is_reset = own.fact is Fact.RST_SENT
    return _Close(
        own.time_ns,
        one.first_time_ns,
        is_reset,
        one.server.bytes > 0,
        not is_shown(one, Fact.RST_AFTER_UNREAD_DATA, Side.SERVER),
    )


def _over_ns(one: Connection) -> int | None:
    ends = (let_go(one, side) for side in Side)
    return min((seen.time_ns for seen in ends if seen), default=None)


def _runs(closes: list[_Close]) -> Iterator[list[_Close]]:
    """Divide closes, which are in order, where more time lies between two."""
    begin = 0
    for place in range(1, len(closes) + 1):
        if place == len(closes) or closes[place].at_ns - closes[place - 1].at_ns > _APART:
            yield closes[begin:place]
            begin = place


def _is_one_event(run: list[_Close], closes: list[int]) -> bool:
    """Say whether connections that ended together had begun apart, long before, and few others ended around then."""
    first, last = run[0].at_ns, run[-1].at_ns
    old = [close for close in run if close.at_ns - close.began_ns >= _OLD]
    if len(old) < _SEVERAL:
        return False
    began = [
        close.began_ns for close in run if close.at_ns - close.began_ns >= _OLD or not close.was_answered
    ]
    if max(began) - min(began) < max(_SPREAD, _SLOWER * (last - first)):
        return False
    around = bisect_right(closes, last + SECOND) - bisect_left(closes, first - SECOND)
    return len(run) * _MOST > around


def _instant(run: list[_Close], began: list[int], over: list[int]) -> Instant:
    first, last = run[0].at_ns, run[-1].at_ns
    still_open = bisect_right(began, first) - bisect_right(over, last)
    reset = [close for close in run if close.is_reset]
    waits = sorted(close.at_ns - close.began_ns for close in reset if not close.was_answered)
    are_alike = len(reset) == len(waits) >= _SEVERAL and (waits[-1] - waits[0]) * _ALIKE <= waits[0]
    waited = waits[0] if are_alike else None
    began_ns = [close.began_ns for close in run]
    return Instant(
        from_ns=first,
        until_ns=last,
        count=len(run),
        resets=len(reset),
        settled=sum(close.is_settled for close in reset),
        began_over_ns=max(began_ns) - min(began_ns),
        others=max(still_open, 0),
        waited_ns=waited,
    )
