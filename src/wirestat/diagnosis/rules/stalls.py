"""Data that come again and again for seconds, and then all goes on."""

from wirestat.diagnosis.advice import advise, capture_at, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, still_open, unlikely
from wirestat.diagnosis.rules.kept_out import kept_out_ns
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_TOLD_ELSEWHERE = (
    Fact.FULL_SIZE_RESENT_ONLY,
    Fact.RESENT_SMALLER,
    Fact.BAD_CHECKSUM,
    Fact.TIMESTAMPS_MISSING,
    Fact.HOLE_NOT_FILLED,
    Fact.WINDOW_COLLAPSED,
)
"""Why data are sent again, where it is known."""
_MINUTE = 60 * SECOND


@rule("D56", "Stalled for a while", Severity.NOTE, rests_on={Basis.SILENCE, Basis.REPEATS, Basis.TIMES})
def stalled(case: Case) -> Verdict | None:
    """An end sent the same data again and again for seconds, and then the other answered, or closed without them.

    What it means: for that time nothing got through in one direction or the other, or the receiver did not look:
    a radio link, a modem or a tunnel that was down, a route that changed, a host or a board that slept. The
    connection survives it, as the sender tries for a quarter of an hour; a program with less patience closes.

    Why it matters: users see a program that hangs for some seconds and goes on, and no log holds an error.

    Rivals: a receiver whose window is shut answers all the same (D23). Segments that are too large come through in
    no time, or smaller (D24). Where nothing is answered any more, it is D09.

    What to do: capture at the other end. If the copies arrive there, it is the receiver or the way back; if they do
    not, it is the way.

    See it: ``wirestat pcaps/field/board-listens-only-when-its-client-leaves/capture.pcap``: three stalls of 4.5 s.

    RFC 9293: 3.8.1 (retransmission time-out); RFC 6298, 5.5 (it doubles).
    """
    end = next((end for end in case.ends if end.has(Fact.STALLED)), None)
    if end is None or case.has(Fact.ONE_WAY, Fact.FRAMES_MISSING) or end.has(*_TOLD_ELSEWHERE):
        return None
    if end.other.has(Fact.ZERO_WINDOW, Fact.SYN_ACK_RESENT_AFTER_ACK):
        return None  # it was told to wait (D23), or was not let in yet (D05)
    if end is case.client and kept_out_ns(case):
        return None  # nor was it here, though the SYN-ACK did not come again
    took, over = end.figure(Fact.STALLED) or 0, end.fact(Fact.STALLED)
    closed = over is not None and _closed_at(end.other, over.frame)
    return Verdict(
        severity=Severity.WARNING if closed or took >= _MINUTE else None,
        grounds=(showing(end, Fact.STALLED, Fact.DATA_RESENT),),
        doubts=("one capture does not tell which direction was cut off, or whether the receiver slept",),
        fault=Fault.UNDECIDED,
        measure=took,
        frames=case.evidence(end.frame(Fact.DATA_RESENT), end.frame(Fact.STALLED)),
        explanation=f"{end} sent the same data again and again for {span(took)}, until {end.other} "
        + ("closed without having acknowledged them." if closed else "acknowledged them: then it went on."),
        rivals=(
            cause("the way was down for that time, in one direction or in both"),
            cause(f"{end.other} slept, or was too busy to look"),
            *(
                (
                    cause(
                        "an accept queue that was full",
                        "other connects to this socket needed more than one SYN",
                    ),
                )
                if end is case.client and any(one.syn_copies for one in case.neighbours)
                else ()
            ),
            still_open("the answers were lost on their way back", "capture at the other end"),
            unlikely("chance loss", "it takes no copies in a row"),
        ),
        advice=advise(
            f"See what happened between these hosts at that time, and whether the copies arrive at {end.other}.",
            capture_at(end.other),
            ss_this(end),
        ),
    )


def _closed_at(end: End, frame: int) -> bool:
    """Say whether an end sent its FIN in this very frame, and acknowledges less than it was sent."""
    return end.frame(Fact.FIN_SENT) == frame and end.other.record.unacknowledged_bytes > 0
