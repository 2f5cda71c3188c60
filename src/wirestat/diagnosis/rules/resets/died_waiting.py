"""Connections that waited where nobody took them, and were reset all at once, while others were served."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator

import msgspec

from wirestat.diagnosis.advice import advise, ss_listen
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.halts import answered_first_ns
from wirestat.diagnosis.study.instants import count_between, place_of_those_near
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import instant
from wirestat.model import Connection, Side, Sighting
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 3
_INSTANT = 100 * MILLISECOND
"""All that a process has open ends so close together with it."""
_NO_HABIT = ruled_out(
    "an application that closes with data unread", "it did so with all of them at one instant"
)


class _Unserved(msgspec.Struct, frozen=True):
    """Of a socket: who was reset without an answer, and who was answered."""

    resets: list[int]
    """When each was reset that had not been answered, in order, in Unix ns."""
    began: list[int]
    """When each of these began."""
    answers: list[int]
    """When others had their first answer, in order, in Unix ns."""
    went_on: dict[int, int]
    """By each instant in ``began``: how many connections had begun before on which the server spoke, and which it
    closed a second later or more."""


def _unserved(connections: list[Connection]) -> _Unserved:
    ended = sorted(
        (reset.time_ns, one.first_time_ns)
        for one in connections
        if not one.server.bytes and (reset := sighting(one, Fact.RST_AFTER_UNREAD_DATA, Side.SERVER))
    )
    answers = sorted(at for one in connections if (at := answered_first_ns(one)) is not None)
    let_go = sorted(
        (one.first_time_ns, closed.time_ns)
        for one in connections
        if one.server.turns > 1 and (closed := sighting(one, Fact.FIN_SENT, Side.SERVER))
    )
    began = [at for _, at in ended]
    return _Unserved([at for at, _ in ended], began, answers, dict(_going_on(sorted(set(began)), let_go)))


def _going_on(instants: Iterable[int], let_go: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Count at each of some instants, in order, who had begun and went on; each connection is looked at once."""
    closed: list[int] = []
    for at in instants:
        while len(closed) < len(let_go) and let_go[len(closed)][0] < at:
            insort(closed, let_go[len(closed)][1])
        yield at, len(closed) - bisect_right(closed, at + SECOND)


def _took_nobody(case: Case, reset: Sighting, waited: tuple[int, int], went_on: int) -> Verdict:
    """Judge a server that went on with those it had, took nobody any more, and ended with all who waited.

    ``waited`` tells since when somebody did, in Unix ns, and how many.
    """
    server, client = case.server, case.client
    since_ns, count = waited
    return Verdict(
        kind="took nobody",
        tells_of_instant=True,
        grounds=(showing(server, Fact.RST_SENT, Fact.RST_AFTER_UNREAD_DATA), showing(client, Fact.SENT_DATA)),
        doubts=("a program whose thread for accept() hung, and that was killed then, looks the same",),
        fault=server.fault,
        frames=case.evidence(reset.frame),
        explanation=f"{server} acknowledged what {client} said, never answered it, and reset the connection, and "
        f"with it all {some(count, 'connection')} that had waited since {instant(case.analysis, since_ns)}, at one "
        f"instant. It answered nobody new meanwhile, but went on with {some(went_on, 'older connection')}: its "
        "program seems to have stopped calling accept() long before it ended, with its listening socket still open.",
        rivals=(
            cause("a shutdown that drains its old connections, and closes the listening socket last"),
            cause("a thread that accepts hung, and the program was killed"),
            ruled_out("a host that stood still", "older connections went on"),
            _NO_HABIT,
        ),
        advice=advise(
            "Have the program close its listening socket first when it is told to end, or take it out of the "
            "balancer before; see when it was told.",
            ss_listen(server),
        ),
    )


def died_waiting(case: Case) -> Verdict | None:
    """Judge a server that reset at one instant several whom it had never answered, and served others meanwhile."""
    server, client = case.server, case.client
    reset = server.fact(Fact.RST_AFTER_UNREAD_DATA)
    if reset is None or server.has(Fact.SENT_DATA):
        return None
    unserved = case.of_socket(_unserved)
    place = place_of_those_near(unserved.resets, reset.time_ns, _INSTANT)
    began = unserved.began[place]
    if len(began) < _SEVERAL or max(began) - min(began) < SECOND:
        return None
    served = count_between(unserved.answers, min(began), reset.time_ns)
    if served < _SEVERAL:
        went_on = unserved.went_on[min(began)]
        return None if served or not went_on else _took_nobody(case, reset, (min(began), len(began)), went_on)
    return Verdict(
        kind="died waiting",
        tells_of_instant=True,
        grounds=(showing(server, Fact.RST_SENT, Fact.RST_AFTER_UNREAD_DATA), showing(client, Fact.SENT_DATA)),
        doubts=("one capture does not tell whether they had been accepted",),
        fault=server.fault,
        frames=case.evidence(reset.frame),
        explanation=f"{server} acknowledged what {client} said, never answered it, and reset the connection. It did "
        f"so with {some(len(began), 'connection')} at one instant, of which the first had waited for "
        f"{span(reset.time_ns - min(began))}, and it answered {some(served, 'other connection')} meanwhile: "
        "these seem to have waited for one of its workers, which stood still and was ended.",
        rivals=(
            cause(
                "one of several listening sockets on this port (SO_REUSEPORT): its queue ends with its process"
            ),
            cause("a worker that had accepted them, hung, and was killed"),
            still_open("one of several machines behind this address"),
            _NO_HABIT,
        ),
        advice=advise(
            "See which worker was ended, and why it had stood still; whether each has a listening socket of its own, "
            "and what waits there (Recv-Q).",
            ss_listen(server),
        ),
    )
