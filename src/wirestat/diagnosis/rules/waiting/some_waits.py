"""Servers that let some answers wait, all about as long, and give the others at once."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from operator import itemgetter

import msgspec

from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.rivals import Rival, cause, still_open, unlikely
from wirestat.diagnosis.rules.silence.heartbeats import answer_heartbeats, keep_their_own_time
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_SOME = 6
"""Of fewer, late answers are chance."""
_FEW = 4
"""Of late answers that took equally long, so many are no chance: a time-out is set so."""
_EQUAL = 50
"""Waits of one length differ by no more than one part in so many."""
_OTHERS, _NOTABLY = 2, 1.2
"""So many others have to have waited for another time, and one for notably less: else all answers take that long."""
_PART = 3
"""One connection in so many, at least, has a late answer."""
_LEAST, _MOST = 500 * MILLISECOND, 10 * SECOND
"""Less keeps nobody waiting; whoever waits longer may be asked to."""
_ALIKE = 4
"""Late answers have one cause where they differ by no more than one part in so many."""
_PAUSES = 2
"""Whoever speaks so many times in the shortest of the waits shows that the program ran."""
_QUICK = 10
"""So many times as long as the others take on the average is late."""
_UNFIT = {
    Fact.MID_STREAM,
    Fact.ONE_WAY,
    Fact.RESET_LOOP,
    Fact.DATA_RESENT_UNANSWERED,
    Fact.DATA_AFTER_PEER_FIN,
    Fact.WORDS_UNANSWERED,
}


def some_waits(analysis: Analysis, sockets: Iterable[list[Connection]], told: set[int]) -> Iterator[Overall]:
    """Tell of those sockets that answer some requests about equally late, and the others at once.

    Those of whose connections any is among the ids ``told`` are told of already.
    """
    for connections in sockets:
        if not any(one.id in told for one in connections) and (split := parted(connections)):
            yield _late(analysis, split)


class Split(msgspec.Struct, frozen=True):
    """The connections of a socket that had to wait for an answer, beside answers that came at once."""

    served: list[Connection]
    late: list[Connection]
    others: int
    """How many answers came at once."""
    usual_ns: int
    """How long each of those took on the average."""


def parted(connections: list[Connection]) -> Split | None:
    """Part a socket's connections by how long they waited: some about equally long, and others not at all."""
    served = list(filter(_is_served, connections))
    late = [one for one in served if one.server.longest_think_ns >= _LEAST]
    if len(late) < max(_FEW, len(connections) // _PART):
        return None
    waits = [one.server.longest_think_ns for one in late]
    spread, least = max(waits) - min(waits), min(waits)
    are_equal = spread * _EQUAL <= least
    if (len(late) < _SOME and not are_equal) or max(waits) > _MOST or spread * _ALIKE > least:
        return None
    others = sum(one.server.turns for one in served) - len(late)
    rest = sum(one.server.think_ns for one in served) - sum(waits)
    is_quick = others * _ALIKE >= len(late) * (_ALIKE - 1) and rest * _QUICK <= others * least
    if not is_quick or keep_their_own_time(served) or answer_heartbeats(served):
        return None
    return Split(served, late, others, rest // others)


def equal_among(connections: list[Connection]) -> str:
    """Say that several answers took equally long to the part, where others took less, or more: a time-out does so."""
    waits = sorted(
        one.server.longest_think_ns for one in connections if _is_served(one) and one.server.turns == 1
    )
    runs = ((bisect_right(waits, wait + wait // _EQUAL) - first, wait) for first, wait in enumerate(waits))
    count, least = max(runs, key=itemgetter(0), default=(0, 0))
    if count < _FEW or least < _LEAST or len(waits) - count < _OTHERS or waits[0] * _NOTABLY > least:
        return ""
    return (
        f" {count:,} of these answers came after {span(least)}, all equally late: a time-out of the server's own, or "
        "of what it asks, may have run out."
    )


def _is_served(one: Connection) -> bool:
    """Say whether each of its client's requests was answered once, as far as turns tell."""
    is_fit = not any(seen.fact in _UNFIT for seen in one.facts)
    return is_fit and 0 < one.client.turns == one.server.turns and not one.server.unseen_bytes


def _stood_still(went_on: Connection | None) -> tuple[Rival, ...]:
    """Weigh a program that stood still, and what only some of its requests need."""
    still = "a program that stood still for that time"
    if went_on is None:
        return (cause(still, "then the late answers come at one instant"),)
    return (
        cause(
            "a lock, a pool or a row that only some requests need, and that somebody held",
            "then they come at one instant, as another session lets go",
        ),
        unlikely(still, f"{_name(went_on)} was answered at once all along"),
    )


def _name(one: Connection) -> str:
    return socket(one.client.address, one.client.port)


def _went_on(served: list[Connection], late: list[Connection]) -> Connection | None:
    """Return one that spoke and was answered all the time in which the others waited: without pauses so long."""
    first, last = min(one.first_time_ns for one in late), max(one.last_time_ns for one in late)
    least = min(one.server.longest_think_ns for one in late)
    steady = (
        one
        for one in served
        if one.first_time_ns < first + least
        and one.last_time_ns > last - least
        and max(one.client.longest_think_ns, one.server.longest_think_ns) * _PAUSES < least
    )
    return next(steady, None)


def _late(analysis: Analysis, split: Split) -> Overall:
    late, server, went_on = split.late, split.late[0].server, _went_on(split.served, split.late)
    waits = [one.server.longest_think_ns for one in late]
    least, most = span(min(waits)), span(max(waits))
    name = socket(server.address, server.port)
    return Overall(
        doubts=("a server that is asked to wait does the same",),
        fault=Fault.SERVER,
        explanation=f"{name} took {least if least == most else f'{least} to {most}'} for one answer at least on each "
        f"of {some(len(late), 'connection')}, and {span(split.usual_ns)} on the average for its {split.others:,} "
        "other answers." + (f" {_name(went_on)} was answered at once all along." if went_on else ""),
        rivals=(
            *_stood_still(went_on),
            cause("a wait of fixed length: a pause that is set, a time-out of what the server asks in turn"),
            cause(
                "one of several machines behind it that does not answer", "then each so many-th request waits"
            ),
            unlikely("a slow network", "the other answers came at once"),
            still_open("a long poll"),
        ),
        advice=advise(
            "See what the late requests share: one instant, one backend, one kind of request. Look at the server's "
            "own record of that time, and at what it asks in turn.",
            at(
                server.address,
                analysis.timers.name,
                f"ss -tnpi state established '( sport = :{server.port} )'",
            ),
        ),
        **of_connections(late),
        place=place_of_examples(analysis, [one.id for one in late], are_all=True),
    )
