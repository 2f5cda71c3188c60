"""How a socket came to refuse: its program ended at one instant, or could not bind its port again for TIME_WAIT."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.shown import closed_first, is_shown, let_go, sighting
from wirestat.diagnosis.study.instants import those_near
from wirestat.diagnosis.words import instant, times
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 3
_AGAIN = 2
"""Once, any request may have come just before."""
_INSTANT = 100 * MILLISECOND
"""A process that ends closes all of its connections so close together."""
_MOST = 4
"""Refused for all but one part in so many of TIME_WAIT, it was kept out by that."""
_LATE = 8
"""TIME_WAIT lasts longer by one part in so many where timers are coarse."""


class _Fatal(NamedTuple):
    """A connection that was closed at its first request, without an answer."""

    at: int
    """When it was closed, in Unix ns."""
    asked: int
    """The length of the request, in bytes."""
    client: str
    """The client's address."""


class _Closes(msgspec.Struct, frozen=True):
    """When a server let go of the connections of a socket, and let clients in, in order, in Unix ns."""

    ends: list[int]
    """Its first FIN or reset on each connection that it had accepted, but for resets of a host without the socket.

    Those that it answered and closed within an instant are left out: after a burst of connects it closes many so.
    """
    first: list[int]
    """Of these, the FINs that came before any of the client's: they leave TIME_WAIT at the server."""
    let_in: list[int]
    own: list[int]
    """When it closed or reset those that their clients had not closed."""
    sessions: list[int]
    """Of these, those of connections with several answers, which had lasted a while."""
    fatal: list[_Fatal]


def how_it_ended(case: Case) -> str:
    """Say what the server did just before it refused, and how long it did, where either tells something."""
    refused = case.listener.refusals if case.listener else None
    if refused is None:
        return ""
    closes, time_wait_ns = case.of_socket(_closes), case.analysis.timers.time_wait_ns
    return _at_one_instant(case, closes, refused.first_ns) + _time_wait(
        closes, refused.first_ns, refused.last_ns, time_wait_ns
    )


def ended_before(case: Case, asked_ns: int) -> str:
    """Say that the server closed several connections at one instant before a SYN, and accepted nobody since."""
    return _at_one_instant(case, case.of_socket(_closes), asked_ns)


def closed_together(case: Case, end: End) -> str:
    """Say that a server closed several sessions at one instant, of which this is one, and hardly any around it."""
    closed = end.fact(Fact.FIN_SENT)
    if end is not case.server or closed is None:
        return ""
    closes = case.of_socket(_closes)
    together = len(those_near(closes.sessions, closed.time_ns, _INSTANT))
    if together < _SEVERAL or together * 2 <= len(those_near(closes.own, closed.time_ns, SECOND)):
        return ""
    return (
        f" It closed {some(together, 'session')} at one instant: a program or a worker that ended, or a proxy that "
        "gave up a backend, say for a health check that failed."
    )


def _at_one_instant(case: Case, closes: _Closes, refused_from_ns: int) -> str:
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
        f" At {instant(case.analysis, last)} it had closed {some(together, 'connection')} at one instant, and "
        f"accepted nobody since: its program ended then, it seems.{_by_one_request(closes)}"
    )


def _by_one_request(closes: _Closes) -> str:
    """Name the request at which a program ended, where it did so several times, each time at one of that length."""
    instants = list(_instants(closes.own))
    at = [one.at for one in closes.fatal]
    met = [closes.fatal[bisect_left(at, first) : bisect_right(at, last)] for first, last in instants]
    lengths = [{one.asked for one in each} for each in met]
    common = set.intersection(*lengths) if len(lengths) >= _AGAIN else set()
    if len(common) != 1:
        return ""
    (length,) = common
    clients = sorted({one.client for each in met for one in each if one.asked == length})
    return (
        f" It did so {times(len(instants))}, and each time just after a request of {length:,} bytes, which was never "
        f"answered (of {clients[0]}{' and others' if len(clients) > 1 else ''}): that may be why."
    )


def _instants(ends: list[int]) -> Iterator[tuple[int, int]]:
    """Yield from when to when it closed several connections together."""
    begin = 0
    for place, at in enumerate(ends):
        is_last = place + 1 == len(ends) or ends[place + 1] - at > _INSTANT
        if is_last and place + 1 - begin >= _SEVERAL:
            yield ends[begin], at
        begin = place + 1 if is_last else begin


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


def _since(instants: list[int], at: int) -> int:
    """Return the first of some instants after another one; 0 if there is none."""
    place = bisect_right(instants, at)
    return instants[place] if place < len(instants) else 0


def _closes(connections: list[Connection]) -> _Closes:
    accepted = [one for one in connections if one.connect_ns is not None]
    ends, first, own, sessions = [], [], [], []
    for one in accepted:
        closed = sighting(one, Fact.FIN_SENT, Side.SERVER)
        # A host that knows no such connection answers late words with a reset: nothing ended at that instant.
        knew = not is_shown(one, Fact.RST_NO_SOCKET, Side.SERVER)
        reset = sighting(one, Fact.RST_SENT, Side.SERVER) if knew else None
        left = sighting(one, Fact.FIN_SENT, Side.CLIENT)
        ended = min((seen.time_ns for seen in (closed, reset) if seen), default=None)
        if ended is None:
            continue
        lasted = ended - one.first_time_ns
        if not one.server.bytes or lasted >= _INSTANT:
            ends.append(ended)
        if left is None or ended < left.time_ns:
            own.append(ended)
            sessions += [ended] if one.server.turns > 1 and lasted >= SECOND else []
        if closed and closed_first(one, Side.SERVER) and not is_shown(one, Fact.RST_SENT):
            first.append(closed.time_ns)
    let_in = sorted(one.first_time_ns for one in accepted)
    fatal = sorted(filter(None, map(_fatal, accepted)))
    return _Closes(sorted(ends), sorted(first), let_in, sorted(own), sorted(sessions), fatal)


def _fatal(one: Connection) -> _Fatal | None:
    if one.client.turns != 1 or one.server.bytes or one.connect_ns is None:
        return None
    asked = one.first_time_ns + one.connect_ns + one.client.think_ns
    end = let_go(one, Side.SERVER)
    at = end.time_ns if end else 0
    return _Fatal(at, one.client.bytes, one.client.address) if 0 <= at - asked < _INSTANT else None
