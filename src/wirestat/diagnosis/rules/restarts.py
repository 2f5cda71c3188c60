"""How a socket came to refuse: its program ended at one instant, or could not bind its port again for TIME_WAIT."""

from bisect import bisect_right

import msgspec

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.shown import closed_first, is_shown, sighting
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact
from wirestat.words import day_time, some

_SEVERAL = 3
_INSTANT = 100 * MILLISECOND
"""A process that ends closes all of its connections so close together."""
_MOST = 4
"""Refused for all but one part in so many of TIME_WAIT, it was kept out by that."""
_LATE = 8
"""TIME_WAIT lasts longer by one part in so many where timers are coarse."""


class _Closes(msgspec.Struct, frozen=True):
    """When a server let go of the connections of a socket, and let clients in, in order, in Unix ns."""

    ends: list[int]
    """Its first FIN or reset on each connection that it had accepted."""
    first: list[int]
    """Of these, the FINs that came before any of the client's: they leave TIME_WAIT at the server."""
    let_in: list[int]


def how_it_ended(case: Case, refused_from_ns: int, refused_until_ns: int) -> str:
    """Say what the server did just before it refused, and how long it did, where either tells something."""
    closes = case.of_socket(_closes)
    return _at_one_instant(closes, refused_from_ns) + _time_wait(
        closes, refused_from_ns, refused_until_ns, case.analysis.timers.time_wait_ns
    )


def _at_one_instant(closes: _Closes, refused_from_ns: int) -> str:
    place = bisect_right(closes.ends, refused_from_ns)
    if not place:
        return ""
    last = closes.ends[place - 1]
    if 0 < _since(closes.let_in, last) <= refused_from_ns:
        return ""  # it let somebody in between, so nothing had ended
    together = place - bisect_right(closes.ends, last - _INSTANT)
    if together < _SEVERAL:
        return ""
    return (
        f" At {day_time(last)} it had closed {some(together, 'connection')} at one instant, and accepted nobody "
        "since: its program ended then, it seems."
    )


def _time_wait(closes: _Closes, refused_from_ns: int, refused_until_ns: int, time_wait_ns: int) -> str:
    place = bisect_right(closes.first, refused_from_ns)
    again = _since(closes.let_in, refused_until_ns)
    if not place or not again:
        return ""
    last = closes.first[place - 1]
    lasted, away = refused_until_ns - last, again - last
    if lasted * _MOST < time_wait_ns * (_MOST - 1) or lasted > time_wait_ns + time_wait_ns // _LATE:
        return ""
    if away < time_wait_ns:
        return ""
    return (
        f" It accepted again {span(away)} after the last close of its own before that: TIME_WAIT "
        f"({span(time_wait_ns)}) keeps a program that was restarted from its port for as long, where it "
        "does not set SO_REUSEADDR."
    )


def _since(times: list[int], at: int) -> int:
    """Return the first of some times after an instant; 0 if there is none."""
    place = bisect_right(times, at)
    return times[place] if place < len(times) else 0


def _closes(connections: list[Connection]) -> _Closes:
    accepted = [one for one in connections if one.connect_ns is not None]
    ends, first = [], []
    for one in accepted:
        closed = sighting(one, Fact.FIN_SENT, Side.SERVER)
        reset = sighting(one, Fact.RST_SENT, Side.SERVER)
        ends += [min(seen.time_ns for seen in (closed, reset) if seen)] if closed or reset else []
        if closed and closed_first(one, Side.SERVER) and not is_shown(one, Fact.RST_SENT):
            first.append(closed.time_ns)
    return _Closes(sorted(ends), sorted(first), sorted(one.first_time_ns for one in accepted))
