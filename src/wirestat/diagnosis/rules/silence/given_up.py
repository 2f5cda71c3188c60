"""Data that an end gave up on before the other was heard again: the other is there, and had heard nothing."""

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import ruled_out, still_open
from wirestat.diagnosis.rules.path.urgent_data import may_be_dropped_as_urgent, was_urgent
from wirestat.diagnosis.rules.silence.in_vain import given_up_by, is_heard_after_giving_up_on_data
from wirestat.diagnosis.rules.silence.meanwhile import (
    CHANCE,
    DROPS_SOME,
    WHICH_WAY,
    Stall,
    ask_both,
    meanwhile,
    opened_within,
    what_stood,
)
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.vocabulary import Fact


def given_up_too_soon(case: Case, end: End) -> Verdict | None:
    """Judge an end that gave up on data, and hears the other again with none of them acknowledged."""
    if not is_heard_after_giving_up_on_data(end) or case.has(Fact.ONE_WAY, Fact.FRAMES_MISSING):
        return None
    first, heard_ns = end.fact(Fact.DATA_RESENT), end.other.record.last_time_ns
    if first is None or heard_ns is None:
        return None
    if end.other.has(Fact.ZERO_WINDOW, Fact.RST_SENT):
        return None  # it was told to wait (D23), or the other end has ended it
    often = end.figure(Fact.DATA_RESENT_UNANSWERED) or end.record.retransmitted_frames
    took = heard_ns - first.time_ns
    let_in, elsewhere = opened_within(case, Stall(first.time_ns, heard_ns))
    return Verdict(
        severity=Severity.WARNING,
        grounds=(showing(end, Fact.DATA_RESENT, Fact.DATA_RESENT_UNANSWERED, Fact.RST_SENT),),
        doubts=(WHICH_WAY,),
        fault=Fault.UNDECIDED,
        measure=took,
        frames=case.evidence(first.frame, end.frame(Fact.RST_SENT), case.connection.last_frame),
        explanation=f"{end} resent the same data {times(often)} and gave up with a {given_up_by(end)}; {end.other} "
        f"spoke on this connection again, last {span(took)} after the first copy, and had got none of them: it is "
        "alive"
        + ("." if let_in else ", and was out of reach meanwhile.")
        + meanwhile(case, let_in, elsewhere)
        + was_urgent(end),
        rivals=(
            *may_be_dropped_as_urgent(end),
            *what_stood(end, let_in, elsewhere),
            *(() if let_in or elsewhere else (still_open(DROPS_SOME),)),
            ruled_out("a dead host (D09)", "it speaks again"),
            CHANCE,
        ),
        advice=ask_both(end),
    )
