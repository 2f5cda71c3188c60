"""Copies of a SYN that are answered each by itself: where the way takes longer than a SYN waits, nothing was lost."""

from typing import NamedTuple, Self

from wirestat.diagnosis.case import Case
from wirestat.model import Connection, State
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_AT_ONCE = 200 * MILLISECOND
"""Two SYN-ACKs so close together were not sent by a timer."""
_EQUAL = 10 * MILLISECOND
"""Two spaces of time that differ by no more are equal."""
_NEAR = 200 * MILLISECOND
"""A way that takes longer than this may take longer than a SYN waits as well."""
_FIRST_WAIT = SECOND
"""How long a server waits for the ACK before it sends its SYN-ACK again (RFC 6298, 2.1)."""
_LATE_TIMER = 60 * MILLISECOND
"""A timer is never early, and seldom later than this."""
_EARLY = 200 * MILLISECOND
"""On its way a copy hardly draws nearer than this to what was sent before it."""
_FAR = 100 * MILLISECOND
"""An answer to a copy that comes so late may belong to the SYN before it."""


class _Trips(NamedTuple):
    """How long the answers to SYNs that were sent once took, in ns."""

    shortest: int
    longest: int


class _Opening(NamedTuple):
    """When the SYN and its copy were sent, and their answers, in Unix ns; of several copies the first counts."""

    asked: int
    again: int
    answered: int
    second: int | None
    """``None`` where there is one SYN-ACK."""

    @classmethod
    def of(cls, case: Case) -> Self | None:
        """Study the opening of a connection; ``None`` where the SYN came once or was not answered."""
        asked, again = case.client.entered(State.SYN_SENT), case.client.fact(Fact.SYN_RESENT)
        answered = case.server.entered(State.SYN_RECV)
        second = case.server.fact(Fact.SYN_ACK_RESENT, Fact.SYN_ACK_RESENT_AFTER_ACK)
        if asked is None or again is None or answered is None:
            return None
        return cls(asked.time_ns, again.time_ns, answered.time_ns, None if second is None else second.time_ns)


def are_answered_each(case: Case) -> bool:
    """Say whether two SYN-ACKs answer the SYN and its copy.

    They came at once, or as far apart as those, or closer together than a timer of the server sends them.
    """
    opening = _Opening.of(case)
    if opening is None or opening.second is None:
        return False
    apart, late = opening.second - opening.answered, opening.answered - opening.again
    if 0 <= apart < _AT_ONCE:
        return True
    if late < 0 or (late < _FAR and not had_arrived(case)):
        return False
    if abs(apart - (opening.again - opening.asked)) <= _EQUAL:
        return True
    # No more SYN-ACKs than SYNs: where the way sways, they do not come as far apart as those were.
    answers = case.server.figure(Fact.SYN_ACK_RESENT, Fact.SYN_ACK_RESENT_AFTER_ACK) or 1
    return answers <= _copies(case) and apart < _FIRST_WAIT - _EARLY


def had_arrived(case: Case) -> bool:
    """Say whether the SYN-ACK after a copy of the SYN answers one before, by the time stamp that it echoes."""
    return case.server.has(Fact.SYN_ACK_OF_EARLIER_SYN)


def came_sooner_than_the_way_takes(case: Case) -> bool:
    """Say whether the only SYN-ACK came so soon after the only copy of the SYN that it answers the SYN before.

    How long the way takes, others of the client to the same host tell, whose SYN was sent once: nearly as long as a
    SYN waits, or the first would have been answered sooner.
    """
    opening, trips = _Opening.of(case), _trips(case)
    if opening is None or trips is None or _copies(case) > 1:
        return False
    waited = opening.again - opening.asked
    if trips.shortest > waited + _LATE_TIMER:
        return False  # those SYNs were sent again as well, unseen: how long their answers took tells nothing
    is_far = trips.longest * 2 >= waited
    return is_far and 0 <= (opening.answered - opening.again) * 2 < trips.shortest


def was_sent_by_a_timer(case: Case) -> bool:
    """Say whether the SYN-ACK came as long after the only SYN as the server's timer and a short way take.

    Then it repeats an answer to the first SYN that was lost. How long the way takes, others of the client to the same
    host tell whose SYN was sent once; without them the second SYN-ACK, which answers the copy of the SYN, tells.
    """
    opening = _Opening.of(case)
    if opening is None or _copies(case) > 1:
        return False
    trips = _trips(case)
    if trips is not None:
        shortest = trips.shortest
    elif opening.second is not None:
        shortest = opening.second - opening.again
    else:
        return False
    if shortest > _NEAR:
        return False
    return 0 <= opening.answered - opening.asked - shortest - _FIRST_WAIT <= _LATE_TIMER


def was_the_first_to_arrive(case: Case) -> bool:
    """Say whether the client acknowledged the first SYN-ACK of several, by the time stamp that it echoes."""
    acknowledged, server = case.client.fact(Fact.ACK_OF_EARLIER_SYN_ACK), case.server
    first, second = server.entered(State.SYN_RECV), server.fact(Fact.SYN_ACK_RESENT)
    if acknowledged is None or first is None:
        return False
    if second is None:
        return True  # the second crossed the acknowledgement, so it repeats none that was lost
    sent_ns = acknowledged.time_ns - (acknowledged.figure or 0)
    return abs(sent_ns - first.time_ns) < abs(sent_ns - second.time_ns)


def _copies(case: Case) -> int:
    return case.client.figure(Fact.SYN_RESENT) or 1


def _trips(case: Case) -> _Trips | None:
    """Return how long the server's host took to answer SYNs of the client's host that were sent once."""
    return case.between_hosts(_first_answers)


def _first_answers(connections: list[Connection]) -> _Trips | None:
    took = [one.syn_to_syn_ack_ns for one in connections if one.syn_to_syn_ack_ns and not one.syn_copies]
    return _Trips(min(took), max(took)) if took else None
