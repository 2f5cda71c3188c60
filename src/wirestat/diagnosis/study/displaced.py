"""Connections that end when another begins: a server that keeps few of them drops one for each that is new."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.shown import sighting
from wirestat.model import Connection, Side, State
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_AT_ONCE = 100 * MILLISECOND
"""How soon after another connection was opened the end of one may be due to it."""
_CLOSELY = 5 * MILLISECOND
"""How soon, where connections are opened often."""
_RESETS = 2
"""Fewer resets of a socket are chance."""
_CLOSES = 3
"""Servers close for more reasons than they reset for."""
_SELDOM = 10
"""If connections are opened during more than one part in so many of the time, an end is near to one by chance."""

_Socket = tuple[str, int]
_Moment = tuple[int, int]
"""When, in ns, and the id of the connection."""


class Displacement(NamedTuple):
    """A connection that a server ended as another was opened."""

    after_ns: int
    """How long after that, in ns."""
    by: int
    """The id of the other."""
    in_all: int
    """How many of the socket ended so."""


class Displacements:
    """Ends of connections, by their servers, that came as another was opened; drawn when they are asked for."""

    def __init__(self, analysis: Analysis) -> None:
        """Ask nothing yet."""
        self._analysis = analysis

    def after_opening(self, connection: Connection) -> int | None:
        """Return how long after another connection of its socket was opened the server reset this one, in ns."""
        found = self._resets.get(connection.id)
        return found.after_ns if found else None

    def closed_for(self, connection: Connection) -> Displacement | None:
        """Return for which other connection of its socket the server closed this one."""
        return self._closes.get(connection.id)

    @cached_property
    def _resets(self) -> dict[int, Displacement]:
        return self._ended(_reset_ns, _RESETS)

    @cached_property
    def _closes(self) -> dict[int, Displacement]:
        return self._ended(_closed_ns, _CLOSES)

    def _ended(self, ended_ns: Callable[[Connection], int | None], least: int) -> dict[int, Displacement]:
        """Return those of all sockets that end connections so as a rule: most of their ends come so."""
        opened: defaultdict[_Socket, list[_Moment]] = defaultdict(list)
        ends: defaultdict[_Socket, list[_Moment]] = defaultdict(list)
        if not is_few(self._analysis):
            return {}
        for one in self._analysis.connections():
            server = one.server.address, one.server.port
            opened[server].append((_opened_ns(one), one.id))
            if (end := ended_ns(one)) is not None:
                ends[server].append((end, one.id))
        found: dict[int, Displacement] = {}
        for server, seen in ends.items():
            times = sorted(opened[server])
            within = _AT_ONCE if _is_no_chance(times, _AT_ONCE) else _CLOSELY
            near = {end[1]: since for end in seen if (since := _since(times, end, within)) is not None}
            if len(near) >= least and 2 * len(near) > len(seen) and _is_no_chance(times, within):
                found |= {id: Displacement(*since, len(near)) for id, since in near.items()}
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


def _closed_ns(one: Connection) -> int | None:
    """Return when the server closed it, before its client did and in the midst of silence, having spoken before."""
    if not one.server.bytes:
        return None
    idle = sighting(one, Fact.FIN_AFTER_IDLE, Side.SERVER)
    own = sighting(one, Fact.FIN_SENT, Side.CLIENT)
    return None if idle is None or (own is not None and own.moment < idle.moment) else idle.time_ns


def _since(opened: list[_Moment], end: _Moment, within_ns: int) -> tuple[int, int] | None:
    """Return how long before an end the last of the other connections was opened, if that was just then, and its
    id."""
    end_ns, id = end
    for place in range(bisect(opened, end), 0, -1):
        since, other = opened[place - 1]
        if end_ns - since > within_ns:
            return None
        if other != id:
            return end_ns - since, other
    return None


def _is_no_chance(opened: list[_Moment], within_ns: int) -> bool:
    """Say whether connections are opened so seldom that an end is not near to one by chance."""
    (first, _), (last, _) = opened[0], opened[-1]
    return len(opened) * within_ns * _SELDOM <= last - first
