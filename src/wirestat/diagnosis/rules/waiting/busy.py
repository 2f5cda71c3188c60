"""Servers that answered nobody for a while, or only so many at once: who waits is served when another leaves."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise

import msgspec

from wirestat.diagnosis.advice import advise, at, ss_listen_at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.rivals import cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.shown import let_go
from wirestat.diagnosis.study.halts import Halt, answered_first_ns, halt
from wirestat.diagnosis.study.serial import Serial, few_at_a_time, one_by_one
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import instant
from wirestat.model import Connection, Fault, Severity, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_LONG = 2 * SECOND
"""Who waits less may have asked for something that takes so long."""
_SEVERAL = 3
_SOON = 100 * MILLISECOND
"""A place that becomes free is taken within this time."""
_QUICK = 20
"""Answered at once is who waits for no more than one part in so many of what the others wait."""
_MOST = 5
"""All but one in so many."""
_UNFIT = {
    Fact.MID_STREAM,
    Fact.ONE_WAY,
    Fact.RESET_LOOP,
    Fact.DATA_RESENT,
    Fact.DATA_RESENT_UNANSWERED,
    Fact.ZERO_WINDOW,
}


class _Queue(msgspec.Struct, frozen=True):
    """Connections to a socket that had to wait until others left."""

    waiting: list[Connection]
    waits: list[int]
    """How long each waited, in ns."""
    matched: int
    """How many were answered when another connection had just ended."""
    served: int
    """How many others were answered meanwhile."""


def let_wait(analysis: Analysis, sockets: Iterable[list[Connection]], told: set[int]) -> Iterator[Overall]:
    """Tell of those sockets, by their connections, that let clients wait, as long as others were there.

    Those of whose connections any is among the ids ``told`` are told of already.
    """
    for connections in sockets:
        if any(one.id in told for one in connections):
            continue
        fit = [one for one in connections if not any(seen.fact in _UNFIT for seen in one.facts)]
        if still := halt(fit, _LONG):
            if not _answered_meanwhile(connections, still):
                yield _halted(analysis, fit, still)
        elif queue := _queue(fit):
            yield _one_for_one(analysis, queue)
        elif serial := one_by_one(connections) or few_at_a_time(connections):
            yield _one_by_one(analysis, serial)


def _let_go_ns(one: Connection) -> int | None:
    """Return when the server closed or reset, in Unix ns, or else when its client did."""
    end = let_go(one, Side.SERVER) or let_go(one, Side.CLIENT)
    return end.time_ns if end else None


def _answered_meanwhile(connections: list[Connection], still: Halt) -> bool:
    """Say whether the server answered another connection in that time: then its program went on."""
    ids = {one.id for one in still.waiting}
    for one in connections:
        first, last = answered_first_ns(one), one.server.last_time_ns or 0
        is_answered = first is not None and still.first_began_ns < first < still.until_ns - _SOON
        let_go = _let_go_ns(one)
        spoke = one.client.turns and one.client.turns <= one.server.turns and let_go is None
        goes_on = spoke and still.last_began_ns < last < still.until_ns - _SOON
        if one.id not in ids and (is_answered or goes_on):
            return True
    return False


def _halted(analysis: Analysis, connections: list[Connection], still: Halt) -> Overall:
    server, waits = still.waiting[0].server, [one.first_byte_ns or 0 for one in still.waiting]
    ids = {one.id for one in still.waiting}
    others = [one for one in connections if one.id not in ids]
    quick = [one for one in others if one.first_byte_ns and one.first_byte_ns * _QUICK < min(waits)]
    ended = {one.id: at for one in others if (at := _let_go_ns(one))}
    before = [one for one in others if one.first_time_ns < still.first_began_ns and one.id in ended]
    holder = next(
        (one for one in before if still.until_ns - _SOON <= ended[one.id] <= still.last_answer_ns), None
    )
    closed = [
        one
        for one in before
        if (end := let_go(one, Side.SERVER)) and still.first_began_ns < end.time_ns < still.until_ns - _SOON
    ]
    together = span(still.last_answer_ns - still.until_ns)
    return Overall(
        severity=Severity.WARNING if len(quick) >= _SEVERAL else None,
        weak=len(quick) < _SEVERAL,
        doubts=("clients that wait for one piece of news (long poll) are answered at one instant as well",),
        fault=Fault.SERVER,
        explanation=f"{socket(server.address, server.port)} let {some(len(still.waiting), 'client')} wait for "
        f"{span(min(waits))} to {span(max(waits))}, and then answered all of them within {together}, at "
        f"{instant(analysis, still.until_ns)}. It had acknowledged their requests, and answered nobody since "
        f"{instant(analysis, still.first_began_ns)}.{_who_held_it(holder, closed)}",
        rivals=(
            cause("a program of one thread that waits for one client, and leaves the others in its queue")
            if holder
            else cause("a program that stood still: stopped, out of processor time, waiting for a lock"),
            cause("workers that are all taken", "then those who came first are served first"),
            ruled_out("the requests were lost (D09)", "they were acknowledged"),
            still_open("one piece of news that all wait for"),
        ),
        advice=_see(
            analysis, still.waiting, "See what the program did in that time: threads, locks, its log."
        ),
        **of_connections(still.waiting),
        place=place_of_examples(analysis, [one.id for one in still.waiting], are_all=True),
    )


def _who_held_it(holder: Connection | None, closed: list[Connection]) -> str:
    """Name the connection whose end set the server free, or those that it closed meanwhile."""
    if holder is not None:
        client = holder.client
        mute = "" if client.bytes else ", and whose client had not said a word"
        return (
            f" Just then the connection of {socket(client.address, client.port)} ended, which was there before them"
            f"{mute}: the server was busy with it, it seems."
        )
    if closed:
        return (
            f" It closed {some(len(closed), 'connection')} meanwhile that were there before: so its program ran, and "
            "these may have held all of its workers."
        )
    return " Its program stood still, it seems, and its kernel went on."


def _queue(connections: list[Connection]) -> _Queue | None:
    """Find those that were answered each time another left, while the server went on answering who was there."""
    firsts = [
        (at, one.first_byte_ns or 0, one) for one in connections if (at := answered_first_ns(one)) is not None
    ]
    late = sorted((at, wait, one.id, one) for at, wait, one in firsts if wait >= _LONG // 2)
    if len(late) < _SEVERAL or len(late) > len(connections) // 2:
        return None
    answers = [at for at, *_ in late]
    from_ns, until_ns = min(one.first_time_ns for *_, one in late), max(answers)
    ids = {one.id for *_, one in late}
    served = [
        one
        for one in connections
        if one.id not in ids
        and one.server.turns >= _SEVERAL
        and one.server.longest_think_ns < _SOON
        and one.first_time_ns < from_ns
        and (one.server.last_time_ns or 0) > until_ns - _SOON
    ]
    left = sorted(at for one in connections if (at := _let_go_ns(one)) and from_ns < at <= until_ns)
    is_one_for_one = abs(len(left) - len(late)) * _MOST <= len(late)
    if len(served) < _SEVERAL or not is_one_for_one or _apart(answers) < _SEVERAL:
        return None
    matched = sum(_follows(left, at) for at in answers)
    if (len(late) - matched) * _MOST > len(late):
        return None
    return _Queue([one for *_, one in late], [wait for _, wait, *_ in late], matched, len(served))


def _apart(answers: list[int]) -> int:
    """Count the answers that came when none had just come."""
    return 1 + sum(later - earlier > _SOON for earlier, later in pairwise(answers))


def _follows(left: list[int], at: int) -> bool:
    """Say whether a connection had ended just before."""
    place = bisect_left(left, at)
    return place > 0 and at - left[place - 1] <= _SOON


def _one_for_one(analysis: Analysis, queue: _Queue) -> Overall:
    server, waiting, waits = queue.waiting[0].server, queue.waiting, queue.waits
    each = "Each was" if queue.matched == len(waiting) else f"Of these, {queue.matched:,} were"
    return Overall(
        severity=Severity.WARNING,
        doubts=("only the server's own settings tell how many it serves at once",),
        fault=Fault.SERVER,
        explanation=f"{socket(server.address, server.port)} let {some(len(waiting), 'client')} wait for "
        f"{span(min(waits))} to {span(max(waits))}, while it answered {some(queue.served, 'other connection')} at "
        f"once. {each} answered when another connection had just ended, within {span(_SOON)}: its places are "
        "all taken, it seems, and who comes waits in its kernel's queue, where requests are acknowledged.",
        rivals=(
            cause("a limit of descriptors (EMFILE): accept() fails until one is closed"),
            cause("a limit of connections, workers or threads"),
            ruled_out("a program that stands still", "it answers those who are in"),
            ruled_out("a slow network", "the others are answered at once"),
        ),
        advice=_see(
            analysis,
            waiting,
            "Raise the limit of descriptors or workers, or close what idles; see the server's log for its limit.",
        ),
        **of_connections(waiting),
        place=place_of_examples(analysis, [one.id for one in waiting], are_all=True),
    )


def _one_by_one(analysis: Analysis, serial: Serial) -> Overall:
    served = serial.served
    server, longest = served[0].server, max(one.first_byte_ns or 0 for one in served)
    alone = (
        f" {some(serial.alone, 'client')} that came later, and met nobody, waited as long as that for the answer."
        if serial.alone
        else ""
    )
    return Overall(
        severity=Severity.WARNING if longest >= _LONG // 2 else Severity.NOTE,
        weak=not serial.alone,
        doubts=("what the server waits for in turn, if anything, does not show",),
        fault=Fault.SERVER,
        explanation=f"{socket(server.address, server.port)} answered {some(len(served), 'client')} that waited at "
        f"the same time {_how_it_worked(serial)}.{alone}",
        rivals=(
            *(
                (
                    cause("a server of so many threads or workers"),
                    cause(
                        "a proxy that lets so many connections to its backend (maxconn), or a pool of so many"
                    ),
                )
                if serial.at_once > 1
                else (
                    cause("a server of one thread, or of one worker"),
                    cause("a lock, or one connection to a database, that all requests need"),
                )
            ),
            (unlikely if serial.alone else still_open)(
                "a limit of requests in a time", "who meets nobody waits as well" if serial.alone else ""
            ),
            ruled_out("a slow network", "waits grow by equal steps"),
        ),
        advice=_see(
            analysis,
            served,
            "Give the server more workers, and a backlog for those who wait; see what a request does.",
        ),
        **of_connections(served),
        place=place_of_examples(analysis, [one.id for one in served], are_all=True),
    )


def _how_it_worked(serial: Serial) -> str:
    apart, many = span(serial.apart_ns), serial.at_once
    if many == 1:
        return (
            f"one after the other, each {apart} after the one before: it seems to work on one request at a time, and "
            f"whoever comes waits {apart} more for each client before it"
        )
    return (
        f"{many} at once, each time {apart} after those before: it seems to work on {many} requests at a time, and "
        f"whoever comes waits {apart} more for each {many} clients before it"
    )


def _see(analysis: Analysis, waiting: list[Connection], step: str) -> str:
    server, system = waiting[0].server, analysis.timers.name
    return advise(
        step,
        ss_listen_at(server.address, server.port, system),
        at(server.address, system, f"ss -tnpi '( sport = :{server.port} )'"),
    )
