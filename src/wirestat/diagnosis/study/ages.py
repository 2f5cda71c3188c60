"""How old connections were when they were reset. Where many of one socket died at one age, that is a limit."""

from collections import defaultdict
from functools import cached_property

import msgspec

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import Roll
from wirestat.model import Connection
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_SEVERAL = 3
_YOUNG = 60 * SECOND
"""Below this age a reset has other reasons."""
_SPREAD = 100
"""Ages that are equal but for one part in so many are the same."""
_APART = 10
"""Connections that began over so many times as long as their ages differ by were not reset together."""
_ENDS = (Fact.RST_ABORTS, Fact.RST_NO_SOCKET)
"""Resets of an end's own accord, and resets that answer what came, as of a device that has forgotten a connection."""


class Limit(msgspec.Struct, frozen=True):
    """An age at which a socket's connections were reset."""

    age_ns: int
    """The least of them."""
    resets: int


class Ages:
    """The limits of all sockets, drawn when the first is asked for."""

    def __init__(self, analysis: Analysis, roll: Roll) -> None:
        """Ask nothing yet."""
        self._analysis = analysis
        self._roll = roll

    def limit(self, connection: Connection) -> Limit | None:
        """Return the limit that a connection was reset at, where others of its socket were reset at the same age."""
        age = _age(connection)
        limit = self._limits.get((connection.server.address, connection.server.port))
        if age is None or limit is None or not limit.age_ns <= age <= limit.age_ns + limit.age_ns // _SPREAD:
            return None
        return limit

    @cached_property
    def _limits(self) -> dict[tuple[str, int], Limit]:
        ages: defaultdict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
        for signature in self._analysis.summary.signatures:
            if (signature.client_facts | signature.server_facts).isdisjoint(_ENDS):
                continue
            for id in self._roll.members(signature):
                connection = self._analysis.connection(id)
                if (age := _age(connection)) is not None:
                    socket = connection.server.address, connection.server.port
                    ages[socket].append((age, connection.first_time_ns))
        return {socket: limit for socket, old in ages.items() if (limit := _limit(old)) is not None}


def _limit(old: list[tuple[int, int]]) -> Limit | None:
    """Return the age at which connections were reset, each given by its age and its beginning, if it is one."""
    ages, began = [age for age, _ in old], [begin for _, begin in old]
    differ = max(ages) - min(ages)
    if len(old) < _SEVERAL or differ > min(ages) // _SPREAD:
        return None
    if max(began) - min(began) < max(_APART * differ, SECOND):
        return None  # they began together: whatever ended them at one instant did so at one age
    return Limit(min(ages), len(old))


def _age(connection: Connection) -> int | None:
    """Return how old a connection was when it was reset, in ns.

    It returns nothing where the beginning was not captured, and where a silence that fills most of its life was what
    the reset broke, or what the segment broke that drew it: then an idle time-out explains it.
    """
    facts = {seen.fact: seen for seen in connection.facts}
    reset = facts.get(Fact.RST_ABORTS) or facts.get(Fact.RST_NO_SOCKET)
    if reset is None or Fact.MID_STREAM in facts:
        return None
    age = reset.time_ns - connection.first_time_ns
    gap, drawn = facts.get(Fact.IDLE_GAP), facts.get(Fact.RST_AFTER_IDLE)
    if reset.fact is Fact.RST_NO_SOCKET and (drawn is not None or Fact.KEEPALIVE_SENT in facts):
        return None  # it tells of a host that was restarted at some time, as well
    if gap is not None and (gap.frame == reset.frame or drawn is not None) and 2 * (gap.figure or 0) > age:
        return None
    return age if age >= _YOUNG else None
