"""Resets in the names of both ends at one instant, of which neither answers anything."""

from wirestat.diagnosis.advice import advise, capture_at
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_INSTANT = MILLISECOND // 10
"""Who resets both ends of a connection sends the two resets so close together."""


def both_reset(case: Case) -> Verdict | None:
    """Judge a connection that was reset in both names at one instant, where neither reset answers a segment."""
    client, server = case.client, case.server
    first, second = client.fact(Fact.RST_SENT), server.fact(Fact.RST_SENT)
    if first is None or second is None or abs(first.time_ns - second.time_ns) > _INSTANT:
        return None
    if any(end.has(Fact.FIN_SENT, Fact.RST_ANSWERS_SYN_ACK, Fact.REFUSED) for end in case.ends):
        return None
    if _may_answer(client) or _may_answer(server):
        return None
    return Verdict(
        severity=Severity.WARNING,
        kind="both at once",
        grounds=(showing(client, Fact.RST_SENT), showing(server, Fact.RST_SENT)),
        weak=True,
        doubts=("each of the two resets looks like that of an end",),
        fault=Fault.PATH,
        frames=case.evidence(first.frame, second.frame),
        explanation=f"Resets came in the names of {client} and {server} within "
        f"{span(abs(first.time_ns - second.time_ns))}, and neither answers the other, nor anything that the other "
        "end had sent: a device between them that resets both ends does that.",
        rivals=(
            still_open("somebody who ends sockets at both ends, on one host (ss -K)"),
            cause("a time-out of a firewall or a balancer that tells both ends when it forgets a connection"),
            still_open("two applications that abort at one instant"),
        ),
        advice=advise(
            "Ask the devices between the two ends (firewall, intrusion prevention, balancer) what they ended then; "
            "capture at one end, and see whether its own reset is there.",
            capture_at(client),
        ),
    )


def _may_answer(end: End) -> bool:
    """Say whether the first reset of an end may answer a segment: it is bare, at the number acknowledged.

    Nothing answers a reset; where one as bare came right before, what else it may answer had its time.
    """
    ago, own, other = end.figure(Fact.RST_NO_SOCKET), end.fact(Fact.RST_SENT), end.other.fact(Fact.RST_SENT)
    if not ago or own is None or other is None:
        return False
    return own.time_ns - ago != other.time_ns or not end.other.has(Fact.RST_NO_SOCKET)
