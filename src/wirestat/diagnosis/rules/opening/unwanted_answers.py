"""Answers to SYNs that the client does not want: it never asked, it refuses, or it has given up."""

from wirestat.diagnosis.advice import advise, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.rules.opening.hairpins import asked_another, by_another_way
from wirestat.diagnosis.rules.resets.repeated import came_again
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_PATIENCE = SECOND
"""Who gives up a connect has waited so long at least; a shorter wait tells nothing."""


def _late_answer(case: Case, end: End) -> str:
    """Say how late the answer came that a client refuses; nothing where it came in time."""
    reset, answered = end.fact(Fact.RST_ANSWERS_SYN_ACK), case.connection.syn_to_syn_ack_ns
    if reset is None or case.connection.first_time_ns != end.record.first_time_ns:
        return ""
    waited = reset.time_ns - end.record.first_time_ns
    again = end.other.fact(Fact.SYN_ACK_RESENT)
    if again is not None and again.moment < reset.moment:
        return _unheard_answers(case, waited - (answered or 0), (again.figure or 1) + 1)
    copied = end.fact(Fact.SYN_RESENT)
    if copied is not None and copied.time_ns < reset.time_ns and answered is None:
        answered = reset.time_ns - copied.time_ns  # it may answer that copy
    if (waited if answered is None else answered) < _PATIENCE:
        return ""
    sent = "" if (end.record.last_time_ns or 0) > reset.time_ns else _copies(case)
    return (
        f"the answer came {span(waited)} after its first SYN{sent}. It had given up by then, as programs with a "
        "time-out for connects do."
    )


def _unheard_answers(case: Case, waited: int, sent: int) -> str:
    """Say that the server had answered before, and nothing of the client is heard until the last copy of that."""
    return (
        f"that had been sent {times(sent)}, and nothing of {case.client.address} answers it for {span(waited)}: the "
        "SYN-ACK did not arrive there, or its answers were lost (D04). By then it no longer wanted the connection."
    )


def _copies(case: Case) -> str:
    return (
        f", which it had sent {some(case.connection.syn_copies, 'more time')}"
        if case.connection.syn_copies
        else ""
    )


def unwanted(case: Case, end: End) -> Verdict:
    """Judge a reset that answers a SYN-ACK."""
    if asked_another(case, end):
        return by_another_way(case, end)
    raw = end.has(Fact.SPOKE_AFTER_OWN_RST)
    return Verdict(
        grounds=(
            showing(end, Fact.RST_SENT, Fact.RST_ANSWERS_SYN_ACK, Fact.SPOKE_AFTER_OWN_RST, Fact.RESET_AGAIN),
        ),
        fault=end.fault,
        frames=case.evidence(
            end.frame(Fact.RST_ANSWERS_SYN_ACK),
            end.frame(Fact.SPOKE_AFTER_OWN_RST),
            end.frame(Fact.RESET_AGAIN),
        ),
        explanation=f"{end} answered the SYN-ACK of {end.other} with a reset: "
        + (
            _late_answer(case, end)
            or "it had asked, and refused this answer, or wanted no more than an answer."
            if end is case.client and end.entered(State.SYN_SENT)
            else "it never asked for the connection, or no longer wanted it."
        )
        + (
            " It spoke on all the same: a raw socket sends what its own kernel knows nothing of."
            if raw
            else ""
        )
        + came_again(end),
        rivals=(
            ruled_out("the application gave up while it connected", "it spoke on")
            if raw
            else cause("the application gave up while it connected"),
            cause("a scan (D26)", "compare with what else it asks for"),
            cause("a SYN with a forged source", "if the end that reset sent none"),
        ),
        asks_nothing=True,
        advice=advise(
            "Nothing to do for one of them; see what else the end that reset asked for.", ss_this(end)
        ),
    )
