"""How long two hosts may be silent: silences that their connections survived, held against those that they did not.

One dead connection cannot tell an idle time-out on the way from a host that was restarted. Several can: where every
silence up to some length was survived, and every longer one was not, a device on the way counts.
"""

from collections import defaultdict
from functools import cached_property

import msgspec

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import Roll
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.known import path_timeouts
from wirestat.model import Connection, Sighting
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

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


class Silences:
    """The brackets of all pairs of hosts, drawn when the first is asked for."""

    def __init__(self, analysis: Analysis, roll: Roll) -> None:
        """Ask nothing yet."""
        self._analysis = analysis
        self._roll = roll

    def between(self, connection: Connection) -> Bracket | None:
        """Return the bracket of the two hosts of a connection, where it tells of a time-out."""
        found = self._brackets.get((connection.client.address, connection.server.address))
        return found if found and found.tells else None

    def names(self, bracket: Bracket) -> tuple[str, ...]:
        """Name the time-outs that lie in a bracket."""
        return bracket.names(path_timeouts(self._analysis.timers))

    @cached_property
    def _brackets(self) -> dict[tuple[str, str], Bracket]:
        survived: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        died: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for signature in self._analysis.summary.signatures:
            if not (signature.client_facts | signature.server_facts) & _BROKEN:
                continue
            if Fact.CLOCK_LEAPT in signature.facts:
                continue  # what looks like a silence may be none
            for id in self._roll.members(signature):
                connection = self._analysis.connection(id)
                path = connection.client.address, connection.server.address
                deaths = [death for fact in _DEADLY if (death := _death(connection, fact))]
                if deaths:
                    died[path].append(min(deaths))
                elif gap := _figure(connection, Fact.IDLE_GAP):
                    survived[path].append(gap)
        return {path: _bracket(survived[path], deaths) for path, deaths in died.items()}


def _bracket(survived: list[int], deaths: list[tuple[int, int]]) -> Bracket:
    gaps = [gap for gap, _ in deaths]
    began, ended = max(end - gap for gap, end in deaths), min(end for _, end in deaths)
    return Bracket(max(survived, default=0), min(gaps), len(gaps), began < ended)


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
