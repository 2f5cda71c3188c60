"""Ends that speak by a timer of their own, or when they like: what comes after a word of the other answers it not."""

from wirestat.diagnosis.shown import figure
from wirestat.model import Connection, Endpoint, Side
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_TURNS = 8
"""Of fewer, waits of all lengths are chance."""
_BRIEF = 1000
"""A heartbeat has fewer bytes, on the average of a turn."""
_ALIKE = 5
"""The longest waits of both ends differ by no more than one part in so many: both are the shorter period."""
_MIDDLE = (0.35, 0.65)
"""Waits of all lengths up to the longest, each as likely, are half as long on the average."""
_SOME = 5
"""So many turns of a connection; a request or two and their answers may be as short as each other by chance."""
_AT_ONCE = 50 * MILLISECOND
"""A heartbeat is answered sooner, on the average."""
_SMALL = 128
"""Who is asked for something says more, on the average of a turn."""
_EQUAL = 20
"""Waits of a timer are all its period, but for one part in so many."""

_TALKS = 3
"""Who goes on unasked so often, and after one turn in so many, waits for no answer."""
_BEAT = 5 * SECOND
"""Few send heartbeats more often; who asks more often may wait for most of that time for each answer."""


def talks(one: Connection) -> bool:
    """Say whether an end goes on of its own accord about as often as after a word of the other: people do in a chat,
    and servers that push news."""
    often = (
        (figure(one, Fact.SPOKE_UNASKED, side) or 0, end.turns)
        for side, end in ((Side.CLIENT, one.client), (Side.SERVER, one.server))
    )
    return any(unasked >= _TALKS and unasked * _TALKS > turns for unasked, turns in often)


def beats(one: Connection) -> bool:
    """Say whether both ends speak at steady intervals, and the server waits for most of one: for its own clock."""
    period = min(figure(one, Fact.HEARTBEATS, side) or 0 for side in Side)
    return period >= _BEAT and one.server.longest_think_ns * 2 > period


def keep_their_own_time(connections: list[Connection]) -> bool:
    """Say whether both ends wait for each other for any time up to the same longest, as two timers do.

    The end whose timer runs out sooner speaks at the latest one period after the other has; so the other, which
    speaks in between, waits for no longer than that either. A server that is asked takes a time of its own, as does
    whoever asks: their longest waits are equal, and their averages half of these, by chance alone.
    """
    turns = sum(one.server.turns for one in connections)
    ends = [[one.client for one in connections], [one.server for one in connections]]
    longest = [max(end.longest_think_ns for end in side) for side in ends]
    if turns < _TURNS or not all(longest) or max(longest) - min(longest) > max(longest) // _ALIKE:
        return False
    return all(_is_of_a_timer(side, most) for side, most in zip(ends, longest, strict=True))


def _is_of_a_timer(side: list[Endpoint], longest_ns: int) -> bool:
    turns = sum(end.turns for end in side)
    least, most = (part * longest_ns * turns for part in _MIDDLE)
    return (
        sum(end.bytes for end in side) < _BRIEF * turns and least <= sum(end.think_ns for end in side) <= most
    )


def answer_heartbeats(connections: list[Connection]) -> bool:
    """Say whether all that any end says is as short, and no end waits but for the period of the server's timer.

    The clients answer at once, and so does the server, but for waits of one and the same length: it pings them.
    """
    if not connections or not all(map(_says_as_little, connections)):
        return False
    servers = [one.server for one in connections]
    waiting = [end for end in servers if end.longest_think_ns > _AT_ONCE]
    period = min((end.longest_think_ns for end in waiting), default=0)
    return bool(period) and all(_waits_for(end, period) for end in waiting)


def _says_as_little(one: Connection) -> bool:
    """Say whether both ends have said as little as each other, in many turns, and the client answered at once."""
    client, server = one.client, one.server
    if (
        server.turns < _SOME
        or client.think_ns > client.turns * _AT_ONCE
        or server.bytes > _SMALL * server.turns
    ):
        return False
    sizes = server.bytes * client.turns, client.bytes * server.turns  # in proportion to the bytes of a turn
    return max(sizes) - min(sizes) <= max(sizes) // _ALIKE


def _waits_for(end: Endpoint, period_ns: int) -> bool:
    """Say whether its waits are so many times the period, with answers at once between."""
    count = round(end.think_ns / period_ns)
    is_whole = abs(end.think_ns - count * period_ns) <= count * period_ns // _EQUAL
    return is_whole and count < end.turns and end.longest_think_ns - period_ns <= period_ns // _EQUAL
