"""Ends that were closed upon while they heard nothing, and spoke again as if nothing had happened."""

from wirestat.diagnosis.advice import advise, on, ss_this, sysctl
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_COPIES = 3
"""So many FINs in vain are no chance loss."""
_LONG = 10 * SECOND
"""A way that is down for less is no host that was asleep."""


def spoke_unaware(case: Case) -> Verdict | None:
    """Judge an end that left all copies of a FIN unanswered, and wrote on that connection later, to be reset."""
    closer = next(
        (end for end in case.ends if end.has(Fact.FIN_RESENT) and end.has(Fact.RST_NO_SOCKET)), None
    )
    if closer is None or closer.has(Fact.FIN_RESENT_AFTER_ACK, Fact.DATA_RESENT) or case.has(Fact.ONE_WAY):
        return None
    sleeper = closer.other
    closed, reset = closer.fact(Fact.FIN_SENT), closer.fact(Fact.RST_NO_SOCKET)
    wrote = sleeper.record.last_time_ns
    if closed is None or reset is None or wrote is None or not sleeper.record.unacknowledged_bytes:
        return None
    copies, after = closer.record.retransmitted_frames, wrote - closed.time_ns
    if copies < _COPIES or after < _LONG or sleeper.has(Fact.FIN_SENT, Fact.DATA_RESENT):
        return None
    idle = closer.figure(Fact.FIN_AFTER_IDLE)
    first = f" after a silence of {span(idle)}" if idle else ""
    return Verdict(
        severity=Severity.WARNING,
        kind="spoke unaware",
        measure=after,
        grounds=(showing(closer, Fact.FIN_RESENT, Fact.RST_SENT), showing(sleeper, Fact.SENT_DATA)),
        doubts=("one capture does not tell whether the host stood still or was out of reach",),
        fault=sleeper.fault if sleeper is case.client else Fault.UNDECIDED,
        frames=case.evidence(closed.frame, closer.frame(Fact.FIN_RESENT), reset.frame),
        explanation=f"{closer} closed{first} and sent its FIN {times(copies + 1)}; {sleeper} answered none of them, "
        f"and wrote on this connection {span(after)} after the first as if it were open: that was reset. It had "
        "heard nothing of the close.",
        rivals=(
            cause(
                "a host that stood still meanwhile: a serverless function between two calls, a paused virtual "
                "machine, a notebook that slept"
            ),
            cause("a way that was down in one direction, or in both"),
            still_open("a device on the way that drops FINs", "then others are unanswered as well"),
            ruled_out("a pool without a check", "no FIN had reached it"),
        ),
        advice=advise(
            f"Have {sleeper.address} close before it is put to sleep, or try once more on a new connection when the "
            "first request after a pause is reset. A time-out that is longer than the sleep avoids it.",
            ss_this(sleeper),
            on(sleeper, "journalctl --since '1 hour ago' | grep -iE 'suspend|resume|clocksource'"),
            sysctl(closer, "net.ipv4.tcp_orphan_retries"),
        ),
    )
