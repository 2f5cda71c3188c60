"""One probe that nothing answers, and an end that gives up for it, by a limit of its own."""

from wirestat.diagnosis.advice import advise, capture_at, keepalive_settings
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_AT_LEAST = SECOND
"""Limits are set in seconds; who gives up sooner does so for another reason."""
_TRIPS = 3
"""Round trips; an answer that takes longer than so many is missing."""


def gave_up_after_one(case: Case, end: End) -> Verdict | None:
    """Judge an end that probed once, heard nothing, and broke off by a reset."""
    probed, reset = end.fact(Fact.KEEPALIVE_SENT), end.fact(Fact.RST_ABORTS)
    other = end.other
    if probed is None or reset is None or end.has(Fact.KEEPALIVE_UNANSWERED, Fact.FIN_SENT, Fact.DATA_RESENT):
        return None
    if (
        case.has(Fact.ONE_WAY)
        or other.has(Fact.ZERO_WINDOW, Fact.RST_SENT, Fact.FIN_SENT)
        or not other.record.frames
    ):
        return None
    heard, waited = other.record.last_time_ns, reset.time_ns - probed.time_ns
    if heard is None or heard >= probed.time_ns or waited < case.round_trips_ns(_TRIPS, _AT_LEAST):
        return None
    return Verdict(
        severity=Severity.WARNING,
        kind="one probe",
        grounds=(showing(end, Fact.KEEPALIVE_SENT, Fact.RST_ABORTS),),
        weak=True,
        doubts=("one probe, or its answer, may be lost by chance",),
        fault=Fault.UNDECIDED,
        measure=waited,
        frames=case.evidence(probed.frame, reset.frame),
        explanation=f"{end} probed the connection once, was not answered, and reset it {span(waited)} later; {other} "
        f"had been silent for {span(reset.time_ns - heard)} by then.",
        rivals=(
            cause(
                "a limit to how long it waits (TCP_USER_TIMEOUT, or one probe by TCP_KEEPCNT), and no way to it"
            ),
            cause(f"{other} is gone, or a device on the way has forgotten the connection (D08)"),
            still_open("an application that breaks off just then, whatever became of the probe (D27)"),
            ruled_out("a zero window (D23)", "none was advertised"),
        ),
        advice=advise(
            "See whether the other host lives, and whether the probe arrives there; then how long this end is told "
            "to wait.",
            capture_at(other),
            keepalive_settings(end),
        ),
    )
