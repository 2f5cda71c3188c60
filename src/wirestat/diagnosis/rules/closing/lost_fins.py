"""FINs that get lost and are not sent again: the other end waits for them for ever."""

from wirestat.diagnosis.advice import advise, capture_at, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_LONG = 5 * SECOND
"""Who speaks so long after a FIN and does not acknowledge it has not got it; a timer would have resent it."""
_AFTER_FIN = (State.FIN_WAIT2, State.CLOSING, State.TIME_WAIT, State.CLOSE_WAIT, State.LAST_ACK)


def lost_for_good(case: Case) -> Verdict | None:
    """Judge a FIN that is sent once, and that the other end, which goes on, never acknowledges."""
    closer = next((end for end in case.ends if _is_forgotten(end)), None)
    if closer is None or case.has(Fact.ONE_WAY, Fact.FRAMES_MISSING, Fact.MID_STREAM):
        return None
    closed, spoke = closer.fact(Fact.FIN_SENT), closer.other.record.last_time_ns
    if closed is None or spoke is None or spoke - closed.time_ns < _LONG:
        return None
    reset = (
        " It has forgotten the connection by then, and resets it." if closer.has(Fact.RST_NO_SOCKET) else ""
    )
    return Verdict(
        severity=Severity.NOTE,
        kind="sent once",
        grounds=(showing(closer, Fact.FIN_SENT, Fact.RST_NO_SOCKET),),
        doubts=("that the FIN was lost is told by the numbers alone, which the other end goes on with",),
        fault=closer.fault,
        frames=case.evidence(closed.frame, case.connection.last_frame),
        explanation=f"{closer} closed, and {closer.other} still does not acknowledge that FIN "
        f"{span(spoke - closed.time_ns)} later, though it acknowledged all data: the FIN was lost, and {closer} has "
        f"never sent it again, as it must.{reset}",
        rivals=(
            ruled_out("the acknowledgement was lost", "later segments do not acknowledge it either"),
            cause("a stack that does not keep its FIN for sending it again, or drops the connection at once"),
            cause("a device on the way that drops FINs, and whose copies never pass it"),
        ),
        advice=advise(
            f"See whether the FIN leaves {closer} a second time; {closer.other} waits for the end of data.",
            capture_at(closer),
            ss_this(closer.other),
        ),
    )


def acknowledged_late(case: Case) -> Verdict | None:
    """Judge a FIN that is sent again and again, for seconds, until the other end acknowledges it."""
    closer = next((end for end in case.ends if end.has(Fact.FIN_RESENT)), None)
    if closer is None or case.has(Fact.ONE_WAY, Fact.FRAMES_MISSING):
        return None
    if closer.has(Fact.DATA_RESENT, Fact.FIN_RESENT_AFTER_ACK, Fact.RST_SENT) or closer.other.has(
        Fact.ZERO_WINDOW, Fact.RST_SENT
    ):
        return None
    closed, left = closer.entered(State.FIN_WAIT1), closer.left(State.FIN_WAIT1)
    if closed is None or left is None or left.time_ns - closed.time_ns < _LONG:
        return None
    took = left.time_ns - closed.time_ns
    return Verdict(
        severity=Severity.NOTE,
        kind="acknowledged late",
        grounds=(being(closer, State.FIN_WAIT1), showing(closer, Fact.FIN_SENT, Fact.FIN_RESENT)),
        measure=took,
        doubts=("one capture does not tell whether the FIN or its acknowledgement was lost",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(closed.frame, closer.frame(Fact.FIN_RESENT), left.frame),
        explanation=f"{closer} closed and sent its FIN again and again for {span(took)}, until {closer.other} "
        "acknowledged it.",
        rivals=(
            cause("a way that was down for that time, in one direction or in both"),
            cause(f"{closer.other} slept, or was too busy to look"),
            ruled_out("a FIN that nobody acknowledges (D13)", "it was acknowledged in the end"),
        ),
        advice=advise(
            f"Little is lost but time. See whether the copies arrive at {closer.other}.",
            capture_at(closer.other),
        ),
    )


def _is_forgotten(closer: End) -> bool:
    """Say whether its FIN was sent once, all its data arrived, and nothing has acknowledged the FIN."""
    if not closer.has(Fact.FIN_SENT) or closer.has(
        Fact.FIN_RESENT, Fact.FIN_RESENT_AFTER_ACK, Fact.RST_ABORTS
    ):
        return False
    gone = closer.state is State.CLOSED and closer.has(Fact.RST_NO_SOCKET) and closer.other.has(Fact.FIN_SENT)
    if closer.state is not State.FIN_WAIT1 and not gone:
        return False
    if closer.other.has(Fact.ZERO_WINDOW, Fact.RST_SENT) or closer.record.unacknowledged_bytes:
        return False
    return not any(closer.entered(state) for state in _AFTER_FIN)
