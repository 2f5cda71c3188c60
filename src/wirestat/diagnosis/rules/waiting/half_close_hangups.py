"""Servers that take a half-close for a hang-up: who closes its direction with the request gets no answer."""

from collections import defaultdict
from typing import NamedTuple

from wirestat.diagnosis.advice import advise, on
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, unlikely
from wirestat.diagnosis.shown import is_shown, round_trips_ns, sighting
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
"""Who closes within so long of a FIN, or within two round trips, does so for that FIN."""
_UNFIT = (Fact.RST_SENT, Fact.MID_STREAM, Fact.ONE_WAY, Fact.FRAMES_MISSING, Fact.DATA_RESENT)


class _Asked(NamedTuple):
    """The connections of a socket with one request, of one length."""

    hung_up_on: dict[int, int]
    """By the ids of those that it closed without a word right after their client's FIN: how long after, in ns."""
    answered: list[int]
    """After how long it answered those whose client closed later, in ns."""
    answered_half_closed: list[int]
    """The ids of those that it answered after their client's FIN: it knows half-closes."""


def hung_up_on_half_close(case: Case) -> Verdict | None:
    """Judge a connection that a server closes right after its client's FIN, though it answers who sends none."""
    client, server = case.client, case.server
    if server.has(Fact.SENT_DATA) or not client.has(Fact.SENT_DATA) or not server.has(Fact.FIN_SENT):
        return None
    asked = case.of_socket(_requests).get(client.record.bytes)
    after = asked.hung_up_on.get(case.connection.id) if asked else None
    if asked is None or after is None or asked.answered_half_closed:
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
        frames=case.evidence(
            case.connection.first_frame, client.frame(Fact.FIN_SENT), server.frame(Fact.FIN_SENT)
        ),
        explanation=f"{client} sent a request of {client.record.bytes:,} bytes and closed its direction at once; "
        f"{server} closed {span(after)} after that FIN without an answer, as on "
        f"{some(len(asked.hung_up_on) - 1, 'other connection')} that did so. It answered "
        f"{len(asked.answered):,} others that asked as much and kept their direction open, after {span(took)} as a "
        "rule: it seems to take the half-close for a client that has gone.",
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
    by_length: defaultdict[int, _Asked] = defaultdict(lambda: _Asked({}, [], []))
    for one in connections:
        if one.client.turns != 1 or any(is_shown(one, fact) for fact in _UNFIT):
            continue
        asked = by_length[one.client.bytes]
        if is_shown(one, Fact.DATA_AFTER_PEER_FIN, Side.SERVER):
            asked.answered_half_closed.append(one.id)
        elif one.server.bytes and one.server.turns == 1:
            asked.answered.append(one.server.longest_think_ns)
        elif not one.server.bytes and (after := _hung_up_after(one)) is not None:
            asked.hung_up_on[one.id] = after
    return dict(by_length)


def _hung_up_after(one: Connection) -> int | None:
    """Return how long after its client's FIN, which came with the request, a server closed, if at once, in ns."""
    closed, own = sighting(one, Fact.FIN_SENT, Side.CLIENT), sighting(one, Fact.FIN_SENT, Side.SERVER)
    if closed is None or own is None or own.moment < closed.moment:
        return None
    if is_shown(one, Fact.FIN_AFTER_IDLE, Side.CLIENT):
        return None  # it had waited for the answer
    after = own.time_ns - closed.time_ns
    return after if after <= round_trips_ns(one, 2, _AT_ONCE) else None
