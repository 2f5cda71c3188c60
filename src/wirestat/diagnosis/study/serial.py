"""Servers that work on one request at a time, or on a few: answers come one by one or so many at once, as far apart
as one takes alone."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import msgspec

from wirestat.diagnosis.study.instants import middle
from wirestat.model import Connection
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_RUN = 6
"""Of fewer answers, equal distances are chance."""
_LEAST = 50 * MILLISECOND
"""A shorter work keeps nobody waiting."""
_EQUAL = 10
"""Distances are equal that differ from the middle one by no more than one part in so many."""
_BATCHES = 3
"""Of fewer batches, equal distances are chance."""
_UNFIT = {Fact.MID_STREAM, Fact.ONE_WAY, Fact.RESET_LOOP, Fact.FIN_AFTER_IDLE, Fact.DATA_AFTER_PEER_FIN}


_Answer = tuple[int, int, Connection]
"""When the server spoke last, in Unix ns, on which connection."""
_Batch = list[_Answer]


class Serial(msgspec.Struct, frozen=True):
    """A run of answers one by one, or so many at once, to clients who had all come before."""

    served: list[Connection]
    """In the order of their answers."""
    answered_ns: list[int]
    """When each of them was answered, in Unix ns."""
    apart_ns: int
    """How far apart the answers came, or those that came at once."""
    alone: int
    """How many clients who came after that, when nobody else was there, waited as long."""
    at_once: int = 1
    """How many answers came at once."""

    @property
    def began_ns(self) -> int:
        """When the first of those who waited came, in Unix ns."""
        return min(one.first_time_ns for one in self.served)


def one_by_one(connections: Iterable[Connection]) -> Serial | None:
    """Return the longest run of equally distant answers of a socket, each on a connection of its own."""
    fit = [one for one in connections if _is_asked_once(one)]
    # Its last word is the answer, or the FIN just behind it: a FIN after a pause is unfit.
    answers = sorted((one.server.last_time_ns or 0, one.id, one) for one in fit)
    best: list[tuple[int, Connection]] = []
    run: list[tuple[int, Connection]] = []
    for (earlier, _, _), (at, _, one) in pairwise(answers):
        if _let_in_ns(one) >= earlier:
            run = []  # a list of its own: the best run so far stays as it is
        else:
            run.append((at, one))
        best = max(best, run, key=len)
    times, served = [at for at, _ in best], [one for _, one in best]
    return _evenly_served(served, times, times, answers)


def few_at_a_time(connections: Iterable[Connection]) -> Serial | None:
    """Return the longest run of answers of a socket that came several at once, always as many, equally far apart."""
    fit = [one for one in connections if _is_asked_once(one) and (one.first_byte_ns or 0) >= _LEAST]
    answers = sorted((one.server.last_time_ns or 0, one.id, one) for one in fit)
    batches = [*_batches(answers)]
    # Runs by their places: to copy one for each batch would take a square of the time.
    longest = run = range(0)
    for place, (before, batch) in enumerate(pairwise(batches), start=1):
        is_next = all(_let_in_ns(one) < before[0][0] for _, _, one in batch)
        first, last = (len(batches[at]) for at in (run[0], run[-1])) if run else (0, len(batch))
        goes_on = last == first >= len(batch)  # the last may be of fewer
        run = range(run.start if goes_on else place, place + 1) if is_next else range(0)
        longest = max(longest, run, key=len)
    best = batches[longest.start : longest.stop]
    size = len(best[0]) if best else 0
    if len(best) < _BATCHES or size == 1:
        return None
    served = [one for batch in best for _, _, one in batch]
    answered_ns = [at for batch in best for at, _, _ in batch]
    return _evenly_served(served, answered_ns, [batch[0][0] for batch in best], answers, size)


def _evenly_served(
    served: list[Connection],
    answered_ns: list[int],
    times: list[int],
    answers: list[_Answer],
    at_once: int = 1,
) -> Serial | None:
    """Return a long run of answers whose times are equally far apart, and whose clients came closer together:
    else each waited for itself."""
    began = [one.first_time_ns for one in served]
    if len(served) < _RUN or (max(began) - min(began)) * 2 > times[-1] - times[0]:
        return None
    gaps = [later - earlier for earlier, later in pairwise(times)]
    apart = middle(gaps)
    if apart < _LEAST or max(abs(gap - apart) for gap in gaps) * _EQUAL > apart:
        return None
    alone = sum(abs(wait - apart) * _EQUAL <= apart for wait in _waits_alone(answers, times[-1]))
    return Serial(served, answered_ns, apart, alone, at_once)


def _batches(answers: list[_Answer]) -> Iterator[_Batch]:
    """Part answers into those that came at once, by what the quickest of all took."""
    apart = min((one.first_byte_ns or 0 for _, _, one in answers), default=0) // _EQUAL
    batch: _Batch = []
    for answer in answers:
        if batch and answer[0] - batch[-1][0] > apart:
            yield batch
            batch = []
        batch.append(answer)
    if batch:
        yield batch


def _waits_alone(answers: Iterable[tuple[int, int, Connection]], since_ns: int) -> Iterator[int]:
    """Yield how long those waited, in ns, who came after an instant, and when all before them were answered."""
    busy_until_ns = since_ns
    for began, at, wait in sorted((one.first_time_ns, at, one.first_byte_ns or 0) for at, _, one in answers):
        if began > since_ns:
            if began > busy_until_ns:
                yield wait
            busy_until_ns = max(busy_until_ns, at)


def _let_in_ns(one: Connection) -> int:
    """Return since when it waits for its answer, in Unix ns: before, its SYNs may have met a full queue."""
    return one.first_time_ns + (one.connect_ns or 0)


def _is_asked_once(one: Connection) -> bool:
    """Say whether its client asked once, and the server said nothing after the one answer."""
    is_single = one.client.turns == one.server.turns == 1 and not one.server.unseen_bytes
    return is_single and not any(seen.fact in _UNFIT for seen in one.facts)
