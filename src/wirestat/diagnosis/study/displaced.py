"""Connections that end when another begins: a server that keeps few of them drops one for each that is new."""

from bisect import bisect
from collections import defaultdict
from functools import cached_property

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.shown import sighting
from wirestat.model import Connection, Side, State
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_AT_ONCE = 100 * MILLISECOND
"""So soon after another connection was opened a reset may have to do with it."""
_SEVERAL = 2
"""Of fewer resets of a socket, it is chance."""
_SELDOM = 10
"""Where connections are opened for more than one part in so many of the time, a reset is near to one by chance."""

_Socket = tuple[str, int]
_Moment = tuple[int, int]
"""When, in ns, and the id of the connection."""


class Displacements:
    """Resets by servers that came as another connection was opened; drawn when they are first asked for."""

    def __init__(self, analysis: Analysis) -> None:
        """Ask nothing yet."""
        self._analysis = analysis

    def after_opening(self, connection: Connection) -> int | None:
        """Return how long after another connection of its socket was opened the server reset this one, in ns."""
        return self._found.get(connection.id)

    @cached_property
    def _found(self) -> dict[int, int]:
        """Return that of all connections of sockets that do so as a rule: most of their resets come so."""
        opened: defaultdict[_Socket, list[_Moment]] = defaultdict(list)
        resets: defaultdict[_Socket, list[_Moment]] = defaultdict(list)
        if not is_few(self._analysis):
            return {}
        for one in self._analysis.connections():
            server = one.server.address, one.server.port
            opened[server].append((_opened_ns(one), one.id))
            if (reset := _reset_ns(one)) is not None:
                resets[server].append((reset, one.id))
        found: dict[int, int] = {}
        for server, seen in resets.items():
            times = sorted(opened[server])
            near = {reset[1]: after for reset in seen if (after := _since(times, reset)) is not None}
            if len(near) >= _SEVERAL and 2 * len(near) > len(seen) and _is_no_chance(times):
                found |= near
        return found


def _opened_ns(one: Connection) -> int:
    """Return when its client took it for open; where that was not captured, when it was heard of first."""
    if one.client.isn is None:
        return one.first_time_ns
    return next((step.time_ns for step in one.transitions if step.to is State.ESTABLISHED), one.first_time_ns)


def _reset_ns(one: Connection) -> int | None:
    """Return when the server aborted it, having spoken on it before."""
    if not one.server.bytes:
        return None
    reset = sighting(one, Fact.RST_ABORTS, Side.SERVER)
    return None if reset is None else reset.time_ns


def _since(opened: list[_Moment], reset: _Moment) -> int | None:
    """Return how long before a reset the last of the other connections was opened, if that was just then."""
    reset_ns, id = reset
    for place in range(bisect(opened, reset), 0, -1):
        since, other = opened[place - 1]
        if reset_ns - since > _AT_ONCE:
            return None
        if other != id:
            return reset_ns - since
    return None


def _is_no_chance(opened: list[_Moment]) -> bool:
    """Say whether connections are opened so seldom that a reset is not near to one by chance."""
    (first, _), (last, _) = opened[0], opened[-1]
    return len(opened) * _AT_ONCE * _SELDOM <= last - first
