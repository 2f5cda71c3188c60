"""Resets that were due and did not arrive: the other end goes on as if nothing had happened."""

from wirestat.diagnosis.advice import advise, capture_at, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, Sighting, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_LATE = SECOND
"""Segments that were under way when the reset came arrive sooner."""
_QUEUED = 3 * SECOND
"""A segment that waits in a queue on the way arrives sooner."""
_MUCH = 100_000
"""Who has sent fewer bytes has filled no queue."""
_UNDER_WAY = "a reset that came after the segment"


def _may_be_queued(speaker: End, late_ns: int) -> bool:
    """Say whether all that came since the reset may have waited in a queue that its sender had filled."""
    return (
        late_ns < _QUEUED
        and speaker.record.bytes >= _MUCH
        and not speaker.has(Fact.DATA_RESENT, Fact.FIN_RESENT)
    )


def reset_unheard(case: Case) -> Verdict | None:
    """Judge a connection that one end reset with the number that was due, and on which the other spoke much later."""
    end = next(
        (end for end in case.ends if end.has(Fact.RST_SENT) and end.other.has(Fact.SPOKE_AFTER_RST)), None
    )
    if end is None or end.has(
        Fact.REFUSED, Fact.RST_ANSWERS_SYN_ACK, Fact.RST_LOOKS_FOREIGN, Fact.RST_TTL_DIFFERS
    ):
        return None
    if end.has(Fact.STRAY_SYN) and end.has(Fact.RESET_AGAIN):
        return None  # D21: each of its SYNs draws what it resets
    reset, spoke, last = (
        end.fact(Fact.RST_SENT),
        end.other.fact(Fact.SPOKE_AFTER_RST),
        end.other.record.last_time_ns,
    )
    if reset is None or spoke is None or last is None or last - reset.time_ns < _LATE:
        return None
    queued = _may_be_queued(end.other, last - reset.time_ns)
    return Verdict(
        severity=Severity.NOTE,
        weak=queued,
        kind="did not arrive",
        grounds=(showing(end, Fact.RST_SENT), showing(end.other, Fact.SPOKE_AFTER_RST)),
        doubts=("one capture does not tell where the reset was lost, or why it was not taken",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(reset.frame, spoke.frame),
        explanation=f"{end} reset the connection with {end.other}, and that spoke on "
        f"{span(last - reset.time_ns)} later all the same: it did not get the reset, or did not take it"
        f"{', or what came had been under way' if queued else ''}.",
        rivals=(
            cause("the reset was lost, or dropped on the way"),
            cause("a stack that ignores resets, or takes them late"),
            *(
                (cause("a reset with the number of its FIN, as macOS sends it", "some stacks throw it away"),)
                if end.entered(State.FIN_WAIT2) is not None
                else ()
            ),
            cause(_UNDER_WAY, "it was sending much, and a queue on the way may hold that (bufferbloat)")
            if queued
            else unlikely(_UNDER_WAY, "that would have been under way for too long"),
        ),
        advice=advise("See whether the reset arrives there.", capture_at(end.other), ss_this(end.other)),
    )


def left_by_reset(end: End) -> Sighting | None:
    """Return the reset by which an end left, whatever the other made of that: nothing of it follows, or only a SYN.

    Where the other end throws that reset away, only the SYN of a new connection shows that it was its own.
    """
    if end.has(Fact.SPOKE_AFTER_OWN_RST):
        return None
    thrown_away = end.fact(Fact.RST_IN_WINDOW, Fact.RST_OUT_OF_WINDOW)
    return end.fact(Fact.RST_SENT) or (thrown_away if end.has(Fact.STRAY_SYN) else None)
