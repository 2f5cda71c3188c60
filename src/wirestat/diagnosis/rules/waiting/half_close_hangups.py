"""Servers that take a half-close for a hang-up: who closes its direction with the request gets no answer."""

from collections import defaultdict
from typing import NamedTuple

from wirestat.diagnosis.advice import advise, on
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, unlikely
from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.diagnosis.study.instants import middle
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 3
"""Fewer with an answer, or without one, are so by chance."""
_AT_ONCE = 50 * MILLISECOND
"""Who closes so soon, or than two round trips, after a FIN does so for that FIN."""
_UNFIT = (Fact.RST_SENT, Fact.MID_STREAM, Fact.ONE_WAY, Fact.FRAMES_MISSING, Fact.DATA_RESENT)


class _Asked(NamedTuple):
    """The fate of requests of one length, one on each connection of a socket."""

    hung_up_on: list[int]
    """The ids of those whose client had closed its direction at once, and that were closed without a word."""
    answered: list[int]
    """After how long others were answered, whose client waited with its FIN, in ns."""


def hung_up_on_half_close(case: Case) -> Verdict | None:
    """Judge a connection that a server closes right after its client's FIN, though it answers who sends none."""
    client, server = case.client, case.server
    if server.has(Fact.SENT_DATA) or not client.has(Fact.SENT_DATA) or case.has(*_UNFIT):
        return None
    closed, own = client.fact(Fact.FIN_SENT), server.fact(Fact.FIN_SENT)
    if closed is None or own is None or own.moment < closed.moment:
        return None
    after = own.time_ns - closed.time_ns
    asked = case.of_socket(_requests).get(client.record.bytes)
    if (
        asked is None
        or case.connection.id not in asked.hung_up_on
        or after > case.round_trips_ns(2, _AT_ONCE)
    ):
        return None
    if min(len(asked.hung_up_on), len(asked.answered)) < _SEVERAL or after >= min(asked.answered):
        return None
    took = middle(asked.answered)
    return Verdict(
        kind="after a half-close",
        grounds=(showing(client, Fact.FIN_SENT, Fact.SENT_DATA), showing(server, Fact.FIN_SENT)),
        severity=Severity.NOTE,
        doubts=("a client that sends its request and wants no answer does the same",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(case.connection.first_frame, closed.frame, own.frame),
        explanation=f"{client} sent a request of {client.record.bytes:,} bytes and closed its direction at once; "
        f"{server} closed {span(after)} after that FIN without an answer, as on "
        f"{some(len(asked.hung_up_on) - 1, 'other connection')} that did so. It answered "
        f"{len(asked.answered):,} others that asked as much and kept their direction open, after {span(took)} as a "
        "rule: it takes the half-close for a client that has gone.",
        rivals=(
            cause("a proxy that gives up a request when its client has closed"),
            unlikely("a request that it does not take", "it answers others of the same length"),
            ruled_out("a time-out", f"it closed {span(after)} after the FIN"),
        ),
        advice=advise(
            "Let the client keep its direction open until it has the answer, or have the server read on after a FIN "
            "(nginx: proxy_ignore_client_abort on; HAProxy: no option abortonclose).",
            on(
                server,
                "grep -rnsE 'ignore_client_abort|abortonclose' /etc/nginx /etc/haproxy",
            ),
        ),
    )


def _requests(connections: list[Connection]) -> dict[int, _Asked]:
    """Sort those of a socket with one request by its length."""
    by_length: defaultdict[int, _Asked] = defaultdict(lambda: _Asked([], []))
    for one in connections:
        closed = sighting(one, Fact.FIN_SENT, Side.CLIENT)
        if one.client.turns != 1 or any(is_shown(one, fact) for fact in _UNFIT):
            continue
        if one.server.bytes and one.server.turns == 1:
            by_length[one.client.bytes].answered.append(one.server.longest_think_ns)
        elif (
            not one.server.bytes
            and closed is not None
            and not is_shown(one, Fact.FIN_AFTER_IDLE, Side.CLIENT)
        ):
            by_length[one.client.bytes].hung_up_on.append(one.id)
    return dict(by_length)
