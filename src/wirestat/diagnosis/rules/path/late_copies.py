"""Data that come again late: a sender that waits ten seconds and longer before it makes up for a loss."""

from wirestat.diagnosis.advice import advise, capture_at, nstat, ss_this
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_UNFIT = (
    Fact.ONE_WAY,
    Fact.FRAMES_MISSING,
    Fact.FRAMES_DUPLICATED,
    Fact.REPLAYED,
    Fact.CLOCK_LEAPT,
)
_MINUTE = 60 * SECOND
"""Nobody takes a connection that stands so long for a slow one."""


def late_copies(case: Case) -> Verdict | None:
    """Judge an end that made up for a loss, by one or two copies, long after it."""
    end = next((end for end in case.ends if end.has(Fact.COPIED_LATE)), None)
    if end is None or case.has(*_UNFIT) or end.other.has(Fact.ZERO_WINDOW):
        return None
    took = end.figure(Fact.COPIED_LATE) or 0
    began_before = case.has(Fact.MID_STREAM)
    unseen = "copies that were sent in between, and lost before the tap"
    backed_off = "a time-out that grew by losses before (it doubles with each, RFC 6298, 5.5)"
    return Verdict(
        kind="sent again late",
        severity=Severity.WARNING if took >= _MINUTE else None,
        grounds=(showing(end, Fact.COPIED_LATE, Fact.DATA_RESENT),),
        doubts=(
            "one capture does not tell whether the data or their acknowledgement were lost, and where"
            if end.has(Fact.DATA_RESENT)
            else "one capture does not tell how often the loss was made up for in vain, before the tap",
        ),
        fault=Fault.UNDECIDED,
        measure=took,
        frames=case.evidence(end.frame(Fact.DATA_RESENT), end.frame(Fact.COPIED_LATE)),
        explanation=(
            f"What {end} sent was not acknowledged, and came again late: {span(took)} passed in all until "
            f"{end.other} acknowledged it. The copy arrived; the connection stood until it was sent."
            if end.has(Fact.DATA_RESENT)
            else f"Something of what {end} sent was missing, and came late: {span(took)} passed in all, in which "
            f"{end.other} asked for just that. What had come behind it had to wait."
        ),
        rivals=(
            cause(backed_off, "the capture does not hold what came before")
            if began_before
            else still_open(backed_off),
            cause(f"a host that stood still: {end.address} slept, or was paused"),
            cause("a stack whose time-outs are long, or that sends again only when its program speaks again"),
            ruled_out(unseen, f"the tap is at {end.address}")
            if case.tap is end.side
            else still_open(unseen, f"capture at {end.address}"),
        ),
        advice=advise(
            f"Find out why the data were lost; {end.address} took long to notice. See its time-out and back-off "
            "(rto, backoff) while a connection stands.",
            ss_this(end),
            nstat(end, "TcpRetransSegs", "TcpExtTCPTimeouts"),
            capture_at(end.other),
        ),
    )
