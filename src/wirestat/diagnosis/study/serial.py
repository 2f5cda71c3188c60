"""Servers that work on one request at a time: answers come one by one, as far apart as one takes alone."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import msgspec

from wirestat.model import Connection
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_RUN = 6
"""Of fewer answers, equal distances are chance."""
_LEAST = 50 * MILLISECOND
"""A shorter work keeps nobody waiting."""
_EQUAL = 10
"""Distances are equal that differ from the middle one by no more than one part in so many."""
_UNFIT = {Fact.MID_STREAM, Fact.ONE_WAY, Fact.RESET_LOOP, Fact.FIN_AFTER_IDLE, Fact.DATA_AFTER_PEER_FIN}


class Serial(msgspec.Struct, frozen=True):
    """A run of answers one by one, to clients who had all come before."""

    served: list[Connection]
    """In the order of their answers."""
    answered_ns: list[int]
    """When each of them was answered, in Unix ns."""
    apart_ns: int
    """How far apart the answers came."""
    alone: int
    """How many clients who came after that, when nobody else was there, waited as long."""


def one_by_one(connections: Iterable[Connection]) -> Serial | None:
    """Return the longest run of equally distant answers of a socket, each on a connection of its own."""
    fit = [one for one in connections if _is_asked_once(one)]
    # Its last word is the answer, or the FIN just behind it: a FIN after a pause is unfit.
    answers = sorted((one.server.last_time_ns or 0, one.id, one) for one in fit)
    best: list[tuple[int, Connection]] = []
    run: list[tuple[int, Connection]] = []
    for (earlier, _, _), (at, _, one) in pairwise(answers):
        if one.first_time_ns >= earlier:
            run = []  # a list of its own: the best run so far stays as it is
        else:
            run.append((at, one))
        best = max(best, run, key=len)
    if len(best) < _RUN:
        return None
    times, served = [at for at, _ in best], [one for _, one in best]
    began = [one.first_time_ns for one in served]
    if (max(began) - min(began)) * 2 > times[-1] - times[0]:
        return None  # they came as far apart as they were answered: each waited for itself
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    middle = gaps[len(gaps) // 2]
    if middle < _LEAST or max(gaps[-1] - middle, middle - gaps[0]) * _EQUAL > middle:
        return None
    alone = sum(abs(wait - middle) * _EQUAL <= middle for wait in _waits_alone(answers, times[-1]))
    return Serial(served, times, middle, alone)


def _waits_alone(answers: Iterable[tuple[int, int, Connection]], since_ns: int) -> Iterator[int]:
    """Yield how long those waited, in ns, who came after an instant, and when all before them were answered."""
    busy_until_ns = since_ns
    for began, at, wait in sorted((one.first_time_ns, at, one.first_byte_ns or 0) for at, _, one in answers):
        if began > since_ns:
            if began > busy_until_ns:
                yield wait
            busy_until_ns = max(busy_until_ns, at)


def _is_asked_once(one: Connection) -> bool:
    """Say whether its client asked once, and the server said nothing after the one answer."""
    is_single = one.client.turns == one.server.turns == 1 and not one.server.unseen_bytes
    return is_single and not any(seen.fact in _UNFIT for seen in one.facts)
