"""Servers that stood still: what was asked one after the other is answered all at once."""

from collections.abc import Iterable, Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.rivals import cause, still_open, unlikely
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import day_time, socket, some

_LONG = 5 * SECOND
"""Who waits less was served late, and by no server that stood still."""
_SEVERAL = 3
_TOGETHER = 4
"""Answers come together that are no further apart than one part in so many of what lies between the connections."""
_SHOWN = 8


def revivals(analysis: Analysis, sockets: Iterable[list[Connection]]) -> Iterator[Overall]:
    """Tell of those sockets, by their connections, that answered nobody for a while, and turned others away.

    News that are sent to all who wait for them come at one instant as well: somebody has to be refused, or left
    without an answer to a SYN, in the meantime.
    """
    for connections in sockets:
        waiting = [one for one in connections if _waited(one)]
        if len(waiting) < _SEVERAL:
            continue
        began = [one.first_time_ns for one in waiting]
        ended = [one.server.last_time_ns or 0 for one in waiting]
        turned_away = [
            one
            for one in connections
            if max(began) < one.first_time_ns < min(ended) and _was_turned_away(one)
        ]
        together = (max(ended) - min(ended)) * _TOGETHER <= max(began) - min(began)
        if together and min(ended) - max(began) >= _LONG and turned_away:
            yield _revived(analysis, waiting, turned_away, min(ended))


def _waited(one: Connection) -> bool:
    """Say whether its client asked once and waited long for the one answer, after which the server said no more."""
    if one.server.turns != 1 or one.client.turns != 1 or one.server.unseen_bytes or one.client.isn is None:
        return False
    return (one.first_byte_ns or 0) >= _LONG


def _was_turned_away(one: Connection) -> bool:
    return is_shown(one, Fact.REFUSED) or (one.syn_copies > 0 and one.server.first_time_ns is None)


def _revived(
    analysis: Analysis, waiting: list[Connection], turned_away: list[Connection], until: int
) -> Overall:
    server, ids = waiting[0].server, tuple(one.id for one in waiting)
    name, away = socket(server.address, server.port), some(len(turned_away), "newcomer")
    waits = sorted(one.first_byte_ns or 0 for one in waiting)
    return Overall(
        severity=Severity.NOTE,
        doubts=("news that all of them waited for would come at one instant, too",),
        fault=Fault.SERVER,
        frames=tuple(one.first_frame for one in (*waiting, *turned_away)[:_SHOWN]),
        explanation=f"{name} answered {some(len(waiting), 'connection')} all at once at {day_time(until)}, though "
        f"they had asked one after the other and waited {span(waits[0])} to {span(waits[-1])}; {away} meanwhile "
        "got no connection. The program stood still, while its kernel let in what its backlog has room for.",
        rivals=(
            cause(
                "a program that was stopped, swapped out, or busy with one thing (garbage collection, a lock)"
            ),
            still_open("news that all of them waited for (long poll)"),
            unlikely("a slow network", "requests were acknowledged"),
        ),
        advice=advise(
            f"See in the server's log, and in that of its host, what it did until {day_time(until)}.",
            at(server.address, analysis.timers.name, f"ss -ltnp '( sport = :{server.port} )'"),
        ),
        display_filter=filters.of_server(server.address, server.port),
        count=len(waiting),
        examples=ids[:_SHOWN],
    )
