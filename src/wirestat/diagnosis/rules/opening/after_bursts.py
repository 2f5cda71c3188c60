"""Sockets that are shut for a while after many connects at once, and whose open connections go on meanwhile."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.shown import is_shown
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_BURST = 10
"""So many connects within a second are more than chance, where at other times fewer come."""
_TWICE = 2
"""Once, a program may have ended just then."""


class _Spell(msgspec.Struct, frozen=True):
    """A time in which a socket let nobody in, with those that it let in just before and just after."""

    before_ns: int
    first_ns: int
    last_ns: int
    after_ns: int


def shut_after_bursts(case: Case) -> str:
    """Say that a socket refuses after bursts of connects, and for how long, where it does so as a rule."""
    return case.of_socket(_told)


def _told(connections: list[Connection]) -> str:
    accepted = sorted(one.first_time_ns for one in connections if one.connect_ns is not None)
    refused = sorted(one.first_time_ns for one in connections if is_shown(one, Fact.REFUSED, Side.SERVER))
    spells = list(_spells(accepted, refused))
    bursts = [_within(accepted, spell.before_ns) for spell in spells]
    if len(spells) < _TWICE or min(bursts) < _BURST:
        return ""
    began = [spell.before_ns for spell in spells]
    others = [_within(accepted, at) for at in accepted if began[-1] < at or _next(began, at) - at > SECOND]
    lived = [one for one in connections if _lives_through(one, spells, began)]
    if max(others, default=0) * 2 > min(bursts) or not lived:
        return ""
    least = max(spell.last_ns - spell.first_ns for spell in spells)
    most = min(spell.after_ns - spell.before_ns for spell in spells)
    if least > most:
        return ""  # a limit shuts a port for one and the same time
    return (
        f" Each of the {len(spells)} times it had let in {min(bursts)} or more within a second just before, and then "
        f"nobody for {span(least)} to {span(most)}, while {some(len(lived), 'open connection')} went on: a limit on "
        "new connections shuts the port for a time (cps of xinetd, a limit of inetd or systemd), and no program "
        "ended."
    )


def _spells(accepted: list[int], refused: list[int]) -> Iterator[_Spell]:
    for before, after in pairwise(accepted):
        first, last = bisect_right(refused, before), bisect_left(refused, after) - 1
        if first <= last:
            yield _Spell(before, refused[first], refused[last], after)


def _within(accepted: list[int], until_ns: int) -> int:
    """Count those that were let in within the second that ends then."""
    return bisect_right(accepted, until_ns) - bisect_left(accepted, until_ns - SECOND)


def _next(instants: list[int], from_ns: int) -> int:
    return instants[bisect_left(instants, from_ns)]


def _lives_through(one: Connection, spells: list[_Spell], began: list[int]) -> bool:
    """Say whether it was open all through a spell: the first that began after it also ended first."""
    following = bisect_right(began, one.first_time_ns)
    if one.connect_ns is None or following == len(spells):
        return False
    return one.last_time_ns > spells[following].after_ns
