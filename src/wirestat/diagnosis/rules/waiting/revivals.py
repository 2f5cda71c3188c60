"""Servers that stood still: what was asked one after the other is answered all at once."""

from collections.abc import Iterable, Iterator

import msgspec

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, ss_listen_at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.rivals import cause, still_open, unlikely
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.study.halts import halt
from wirestat.diagnosis.together import SHOWN, of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import instant
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_LONG = 5 * SECOND
"""Who waits less was served late, and by no server that stood still."""
_SEVERAL = 3
_ANSWERS = 4
"""Of fewer, one late answer tells nothing about a server."""
_ALIKE = 4
"""Waits for one end differ by no more than one part in so many: by what lies between two requests."""
_QUICK = 50
"""So many times as long as the others take on the average is late."""


class _Revival(msgspec.Struct, frozen=True):
    """Connections that a standstill struck."""

    waiting: list[Connection]
    """Begun meanwhile, and answered at the end of it."""
    turned_away: list[Connection]
    stood: list[Connection]
    """Open before, and served quickly at other times."""

    def meanwhile(self) -> str:
        """Say what became of the others."""
        away, stood = len(self.turned_away), len(self.stood)
        told = f"; {some(away, 'newcomer')} meanwhile got no connection" if away else ""
        if stood:
            longest = max(one.server.longest_think_ns for one in self.stood)
            told += (
                f"; {some(stood, 'connection')} that stood open waited for one answer of many, up to "
                f"{span(longest)}"
            )
        return told


def revivals(analysis: Analysis, sockets: Iterable[list[Connection]]) -> Iterator[Overall]:
    """Tell of those sockets, by their connections, that answered nobody for a while, and turned others away.

    News that are sent to all who wait for them come at one instant as well: somebody has to be refused, or left
    without an answer to a SYN, in the meantime, or several that are served quickly at other times have to wait.
    """
    for connections in sockets:
        still = halt(connections, _LONG)
        if still is None:
            if stood := _all_stood(connections):
                yield _stood_still(analysis, stood)
            continue
        turned_away = [
            one
            for one in connections
            if still.last_began_ns < one.first_time_ns < still.until_ns and _was_turned_away(one)
        ]
        stood = [one for one in connections if _stood(one)]
        if turned_away or len(stood) >= _SEVERAL:
            yield _revived(analysis, _Revival(still.waiting, turned_away, stood), still.until_ns)


def _all_stood(connections: list[Connection]) -> list[Connection]:
    """Return the connections that served quickly, and for once not for about as long as one another: all of them.

    Of those that wait for news, some would be quick all the time, or wait as often as not.
    """
    served = [one for one in connections if one.server.turns > _ANSWERS]
    stood = [one for one in served if _stood(one)]
    if len(stood) < _SEVERAL or len(stood) < len(served):
        return []
    waits = [one.server.longest_think_ns for one in stood]
    together_ns = min(one.last_time_ns for one in stood) - max(one.first_time_ns for one in stood)
    are_alike = (max(waits) - min(waits)) * _ALIKE <= min(waits)
    return stood if are_alike and together_ns >= max(waits) else []


def _stood(one: Connection) -> bool:
    """Say whether it waited long for one answer of many, and for the others next to nothing."""
    server = one.server
    rest, others = server.think_ns - server.longest_think_ns, server.turns - 1
    asked_more = one.client.turns - server.turns  # a last request may get no answer
    if server.longest_think_ns < _LONG or others < _ANSWERS or asked_more not in (0, 1):
        return False
    return rest * _QUICK <= server.longest_think_ns * others


def _stood_still(analysis: Analysis, stood: list[Connection]) -> Overall:
    server = stood[0].server
    waits = sorted(one.server.longest_think_ns for one in stood)
    others = sum(one.server.turns - 1 for one in stood)
    rest = sum(one.server.think_ns - one.server.longest_think_ns for one in stood)
    return Overall(
        severity=Severity.NOTE,
        doubts=("whether all of these waits ended at one instant is not measured",),
        fault=Fault.SERVER,
        explanation=f"{socket(server.address, server.port)} let all {len(stood):,} connections on which it is asked "
        f"often wait once for {span(waits[0])} to {span(waits[-1])}, and took {span(rest // others)} on the average "
        f"for its {others:,} other answers. The program stood still, it seems, while its kernel acknowledged what "
        "came.",
        rivals=(
            cause(
                "a program that was stopped, swapped out, or busy with one thing (garbage collection, a lock, a disk)"
            ),
            still_open("news that all of them waited for (long poll)"),
            unlikely("a slow network", "requests were acknowledged, and the other answers came at once"),
        ),
        advice=advise(
            f"See in the server's log, and in that of its host, what it did for {span(waits[-1])}.",
            ss_listen_at(server.address, server.port, analysis.timers.name),
        ),
        **of_connections(stood),
        place=place_of_examples(analysis, [one.id for one in stood], are_all=True),
    )


def _was_turned_away(one: Connection) -> bool:
    return is_shown(one, Fact.REFUSED) or (one.syn_copies > 0 and one.server.first_time_ns is None)


def _revived(analysis: Analysis, revival: _Revival, until: int) -> Overall:
    waiting = revival.waiting
    struck = [*waiting, *revival.stood]
    server, ids = waiting[0].server, tuple(one.id for one in struck)
    name = socket(server.address, server.port)
    waits = sorted(one.first_byte_ns or 0 for one in waiting)
    return Overall(
        severity=Severity.NOTE,
        doubts=("news that all of them waited for would come at one instant, too",),
        fault=Fault.SERVER,
        frames=tuple(one.first_frame for one in (*waiting, *revival.turned_away)[:SHOWN]),
        explanation=f"{name} answered {some(len(waiting), 'connection')} all at once at {instant(analysis, until)}, "
        f"though they had asked one after the other and waited {span(waits[0])} to "
        f"{span(waits[-1])}{revival.meanwhile()}. The program stood still, while its kernel let in what its backlog "
        "has room for.",
        rivals=(
            cause(
                "a program that was stopped, swapped out, or busy with one thing (garbage collection, a lock)"
            ),
            still_open("news that all of them waited for (long poll)"),
            unlikely("a slow network", "requests were acknowledged"),
        ),
        advice=advise(
            f"See in the server's log, and in that of its host, what it did until {instant(analysis, until)}.",
            ss_listen_at(server.address, server.port, analysis.timers.name),
        ),
        display_filter=filters.of_server(server.address, server.port),
        count=len(struck),
        examples=ids[:SHOWN],
    )
