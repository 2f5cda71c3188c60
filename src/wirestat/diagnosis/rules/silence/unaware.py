"""Ends that were closed upon while they heard nothing, and spoke again as if nothing had happened."""

from bisect import bisect_left

from wirestat.diagnosis.advice import advise, capture_at, on, ss_this, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.silence.meanwhile import DROPS_SOME, Stall
from wirestat.diagnosis.shown import opened_ns
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_COPIES = 3
"""So many FINs in vain are no chance loss."""
_LONG = 10 * SECOND
"""A way that is down for less is no host that was asleep."""
_STOOD_STILL = (
    "a host that stood still meanwhile: a serverless function between two calls, a paused virtual machine, a "
    "notebook that slept"
)


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
    awake = _opened_meanwhile(case, Stall(closed.time_ns, wrote)) if sleeper is case.client else 0
    return Verdict(
        severity=Severity.WARNING,
        kind="spoke unaware",
        measure=after,
        grounds=(showing(closer, Fact.FIN_RESENT, Fact.RST_SENT), showing(sleeper, Fact.SENT_DATA)),
        doubts=(
            "one capture does not tell where the FINs, or the answers to them, were lost"
            if awake
            else "one capture does not tell whether the host stood still or was out of reach",
        ),
        fault=Fault.PATH if awake else Fault.UNDECIDED,
        frames=case.evidence(closed.frame, closer.frame(Fact.FIN_RESENT), reset.frame),
        explanation=f"{closer} closed{first} and sent its FIN {times(copies + 1)}; {sleeper} answered none of them, "
        f"and wrote on this connection {span(after)} after the first as if it were open: that was reset. It had "
        "heard nothing of the close." + _was_awake(sleeper, awake),
        rivals=(
            unlikely(_STOOD_STILL, "it opened a connection meanwhile") if awake else cause(_STOOD_STILL),
            cause("a way that was down in one direction, or in both")
            if not awake
            else cause(DROPS_SOME, "other connections went on"),
            *((still_open("another host behind the same address (NAT)"),) if awake else ()),
            still_open("a device on the way that drops FINs", "then others are unanswered as well"),
            ruled_out("a pool without a check", "no FIN had reached it"),
        ),
        advice=_see_the_way(closer, sleeper)
        if awake
        else advise(
            f"Have {sleeper.address} close before it is put to sleep, or try once more on a new connection when the "
            "first request after a pause is reset. A time-out that is longer than the sleep avoids it.",
            ss_this(sleeper),
            on(sleeper, "journalctl --since '1 hour ago' | grep -iE 'suspend|resume|clocksource'"),
            sysctl(closer, "net.ipv4.tcp_orphan_retries"),
        ),
    )


def _opened_meanwhile(case: Case, stall: Stall) -> int:
    """Count the connections that its client opened while it answered no FIN, and not at the edges of that time."""
    begun = case.of_client(opened_ns)
    return bisect_left(begun, stall.until_ns - SECOND) - bisect_left(begun, stall.from_ns + SECOND)


def _was_awake(sleeper: End, count: int) -> str:
    """Say that its kernel would have answered a FIN, as its host opened other connections."""
    if not count:
        return ""
    return (
        f" Meanwhile {sleeper.address} opened {some(count, 'other connection')}: the host was awake, and its kernel "
        "would have acknowledged a FIN. So this connection was cut off on the way."
    )


def _see_the_way(closer: End, sleeper: End) -> str:
    return advise(
        f"Look for what drops this one connection between {closer.address} and {sleeper.address}: a filter, a table "
        "of connections, one way of several.",
        capture_at(sleeper),
        ss_this(sleeper),
    )
