"""How long two hosts may be silent: silences that their connections survived, held against those that they did not.

One dead connection cannot tell an idle time-out on the way from a host that was restarted. Several can: where every
silence up to some length was survived, and every longer one was not, a device on the way counts.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import Roll
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.known import path_timeouts
from wirestat.model import Connection, Sighting
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

K = TypeVar("K", bound=Hashable)

_BROKEN = {Fact.IDLE_GAP, Fact.RST_AFTER_IDLE, Fact.UNANSWERED_AFTER_IDLE}
_DEADLY = (Fact.RST_AFTER_IDLE, Fact.UNANSWERED_AFTER_IDLE)
_SEVERAL = 3
"""So many connections that died of silence are enough, even if none survived one."""
_SLACK = 50
"""Timers of devices run out up to one part in so many early."""


class Bracket(msgspec.Struct, frozen=True):
    """Between which silences an idle time-out lies."""

    survived_ns: int
    """The longest silence that was survived; 0 where none is known."""
    died_ns: int
    """The shortest that was not."""
    deaths: int
    is_of_socket: bool = False
    """Whether it is drawn from all clients of a server's socket, and not from two hosts alone."""
    share_an_instant: bool = False
    """Whether one instant lies in all that were not: what happened then explains them as well."""

    @property
    def tells(self) -> bool:
        """Whether it is a time-out rather than chance."""
        if self.survived_ns >= self.died_ns:
            return False
        return self.deaths >= _SEVERAL or (self.deaths > 1 and self.survived_ns > 0)

    def names(self, known: dict[int, str]) -> tuple[str, ...]:
        """Name the known time-outs that lie in it."""
        within = [
            seconds
            for seconds in sorted(known)
            if self.survived_ns < seconds * SECOND <= self.died_ns + self.died_ns // _SLACK
        ]
        # Of several the longest is told: the others would have struck shorter silences as well.
        return tuple(f"the {span(seconds * SECOND)} of {known[seconds]}" for seconds in within[-1:])


class _Silence(NamedTuple):
    """The longest silence of a connection."""

    connection: Connection
    death: tuple[int, int] | None
    """The one that it died of, in ns, and when that was broken, in Unix ns."""
    survived_ns: int
    """The one that it survived; 0 where it died of one."""


class Silences:
    """The brackets of all pairs of hosts, drawn when the first is asked for."""

    def __init__(self, analysis: Analysis, roll: Roll) -> None:
        """Ask nothing yet."""
        self._analysis = analysis
        self._roll = roll

    def between(self, connection: Connection) -> Bracket | None:
        """Return the bracket of the two hosts of a connection, where it tells of a time-out.

        Else that of all clients of its server's socket does, where silences of some were survived, and no instant at
        which the server or its network may have failed lies in all of the others.
        """
        found = self._brackets.get((connection.client.address, connection.server.address))
        if found and found.tells:
            return found
        shared = self._of_sockets.get((connection.server.address, connection.server.port))
        is_sound = shared and shared.tells and shared.survived_ns and not shared.share_an_instant
        return shared if is_sound else None

    def names(self, bracket: Bracket) -> tuple[str, ...]:
        """Name the time-outs that lie in a bracket."""
        return bracket.names(path_timeouts(self._analysis.timers))

    @cached_property
    def _brackets(self) -> dict[tuple[str, str], Bracket]:
        return _draw(self._silences, lambda one: (one.client.address, one.server.address))

    @cached_property
    def _of_sockets(self) -> dict[tuple[str, int], Bracket]:
        drawn = _draw(self._silences, lambda one: (one.server.address, one.server.port))
        return {at: replace(bracket, is_of_socket=True) for at, bracket in drawn.items()}

    @cached_property
    def _silences(self) -> list[_Silence]:
        found = []
        for signature in self._analysis.summary.signatures:
            if not (signature.client_facts | signature.server_facts) & _BROKEN:
                continue
            if Fact.CLOCK_LEAPT in signature.facts:
                continue  # what looks like a silence may be none
            for id in self._roll.members(signature):
                connection = self._analysis.connection(id)
                deaths = [death for fact in _DEADLY if (death := _death(connection, fact))]
                gap = None if deaths else _figure(connection, Fact.IDLE_GAP)
                if deaths or gap:
                    found.append(_Silence(connection, min(deaths, default=None), gap or 0))
        return found


def _draw(silences: list[_Silence], key: Callable[[Connection], K]) -> dict[K, Bracket]:
    survived: defaultdict[K, list[int]] = defaultdict(list)
    died: defaultdict[K, list[tuple[int, int]]] = defaultdict(list)
    for one in silences:
        if one.death:
            died[key(one.connection)].append(one.death)
        else:
            survived[key(one.connection)].append(one.survived_ns)
    return {at: _bracket(survived[at], deaths) for at, deaths in died.items()}


def _bracket(survived: list[int], deaths: list[tuple[int, int]]) -> Bracket:
    gaps = [gap for gap, _ in deaths]
    began, ended = max(end - gap for gap, end in deaths), min(end for _, end in deaths)
    return Bracket(max(survived, default=0), min(gaps), len(gaps), share_an_instant=began < ended)


def _death(connection: Connection, fact: Fact) -> tuple[int, int] | None:
    """Return the silence that a connection died of, and when it was broken; ``None`` if the end that reset had closed
    by itself before.
    """
    died = sighting(connection, fact)
    closed = died and sighting(connection, Fact.FIN_SENT, died.endpoint)
    if fact is Fact.RST_AFTER_IDLE and died and closed and closed.moment < died.moment:
        return None
    figure = _figure(connection, fact)
    return (figure, died.time_ns) if figure and died else None


def _figure(connection: Connection, fact: Fact) -> int | None:
    return next(
        (seen.figure for seen in connection.facts if seen.fact is fact and not _is_timers(connection, seen)),
        None,
    )


def _is_timers(connection: Connection, gap: Sighting) -> bool:
    """Say whether a silence was that of a retransmission timer: its end had sent the same again before."""
    again = (Fact.DATA_RESENT, Fact.FIN_RESENT)
    resent = [one.time_ns for one in connection.facts if one.fact in again and one.endpoint is gap.endpoint]
    other = connection.server if gap.endpoint == "client" else connection.client
    heard = other.last_time_ns or 0
    return any(time_ns < gap.time_ns and heard < time_ns for time_ns in resent)
