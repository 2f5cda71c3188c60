"""Copies of a SYN that are answered each by itself: where the way takes longer than a SYN waits, nothing was lost."""

from wirestat.diagnosis.case import Case
from wirestat.model import State
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_AT_ONCE = 200 * MILLISECOND
"""Two SYN-ACKs so close together were not sent by a timer."""
_EQUAL = 10 * MILLISECOND
"""Two spaces of time that differ by no more are equal."""
_FAR = 100 * MILLISECOND
"""An answer to a copy that comes so late may belong to the SYN before it."""


def are_answered_each(case: Case) -> bool:
    """Say whether two SYN-ACKs answer the SYN and its copy: they came at once, or as far apart as those."""
    client, server = case.client, case.server
    first = server.entered(State.SYN_RECV)
    second = server.fact(Fact.SYN_ACK_RESENT, Fact.SYN_ACK_RESENT_AFTER_ACK)
    if first is None or second is None or not client.has(Fact.SYN_RESENT):
        return False
    apart = second.time_ns - first.time_ns
    if 0 <= apart < _AT_ONCE:
        return True
    asked, again = client.entered(State.SYN_SENT), client.fact(Fact.SYN_RESENT)
    if asked is None or again is None or first.time_ns - again.time_ns < _FAR:
        return False
    return abs(apart - (again.time_ns - asked.time_ns)) <= _EQUAL


def had_arrived(case: Case) -> bool:
    """Say whether the SYN-ACK after a copy of the SYN answers one before, by the time stamp that it echoes."""
    return case.server.has(Fact.SYN_ACK_OF_EARLIER_SYN)


def came_sooner_than_the_way_takes(case: Case) -> bool:
    """Say whether the only SYN-ACK came so soon after the only copy of the SYN that it answers the SYN before.

    How long the way takes, others of the client to the same host tell, whose SYN was sent once: nearly as long as a
    SYN waits, or the first would have been answered sooner.
    """
    client = case.client
    asked, again = client.entered(State.SYN_SENT), client.fact(Fact.SYN_RESENT)
    answered = case.server.entered(State.SYN_RECV)
    if asked is None or again is None or answered is None or (client.figure(Fact.SYN_RESENT) or 1) > 1:
        return False
    trips = [
        one.syn_to_syn_ack_ns
        for one in case.siblings
        if one.server.address == case.server.address and one.syn_to_syn_ack_ns and not one.syn_copies
    ]
    is_far = bool(trips) and max(trips) * 2 >= again.time_ns - asked.time_ns
    return is_far and 0 <= (answered.time_ns - again.time_ns) * 2 < min(trips)
