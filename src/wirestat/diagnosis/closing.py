"""How connections end, and where they get stuck on the way out."""

from wirestat.diagnosis.advice import advise, capture_at, on, ss_state, ss_this, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import DAY, MILLISECOND
from wirestat.vocabulary import Fact

_SOON = 500 * MILLISECOND
"""Within this time a FIN is resent once at most, as any that was lost: nobody has waited in vain yet."""
_NO_TRIP = 5 * MILLISECOND
"""Where no round trip is known, what is so close together is taken for under way at the same time."""
_USUAL_MSS = 1460
_LONG_TRIP = 1000 * MILLISECOND
"""Hardly anything is under way for longer than this."""


@rule("D10", "CLOSE_WAIT held", Severity.WARNING, rests_on={Basis.SILENCE, Basis.TIMES}, replaces={"D11"})
def close_wait_held(case: Case) -> Verdict | None:
    """One end has closed, and the other's application does not close its own.

    What it means: an end acknowledged the other's FIN, so its kernel has told the application that no more data
    will come, and the application has not called close(). No timer of TCP ends this: CLOSE_WAIT lasts until the
    application closes or dies.

    Why it matters: each such connection keeps a file descriptor. Thousands of them end in "too many open files".
    The other end sits in FIN_WAIT2 meanwhile, or has forgotten the connection.

    Rivals: a legitimate half-close, where the end that holds goes on sending data: reported as information only. A
    capture that ends too early: the age is a lower bound, counted to the last frame.

    What to do: find the process and the place where it forgets to close: after an error, after an empty read, in a
    connection pool that does not check what it hands out.

    See it: ``wirestat pcaps/close-wait-leak/server.pcap``: an application leaks what its client has closed.

    RFC 9293: 3.6 (closing a connection), 3.10.4 (CLOSE in CLOSE-WAIT).
    """
    holder = next((end for end in case.ends if end.has(Fact.CLOSE_WAIT_HELD)), None)
    if holder is None or (holder.was_refuted(State.CLOSE_WAIT) and holder.entered(State.CLOSE_WAIT) is None):
        return None
    frames = case.evidence(_frame(holder, State.CLOSE_WAIT), holder.frame(Fact.CLOSE_WAIT_HELD))
    if holder.state is not State.CLOSE_WAIT:
        return _closed_late(holder, frames)
    sending = holder.has(Fact.DATA_AFTER_PEER_FIN)
    return Verdict(
        severity=Severity.INFO if sending else None,
        grounds=(
            being(holder, State.CLOSE_WAIT),
            showing(holder, Fact.CLOSE_WAIT_HELD),
            showing(holder.other, Fact.FIN_SENT),
        ),
        doubts=("it still sent data, so the half-close may be meant",) if sending else (),
        fault=holder.fault,
        frames=frames,
        explanation=f"{holder} {_held(holder, case)}: {holder.other} closed, and the {holder.side}'s application "
        f"{'had' if _was_lost_sight_of(case) else 'has'} not.",
        rivals=(
            still_open("a half-close that is meant", "it still sends")
            if sending
            else ruled_out("a half-close that is meant", "it sends nothing"),
            unlikely("a FIN that the capture missed", "it would have been resent or acknowledged"),
        ),
        advice=advise(
            "Find the process and where it does not close() the socket after the other end has finished.",
            ss_state(holder, "close-wait"),
            on(holder, f"lsof -nP -iTCP:{holder.port} -sTCP:CLOSE_WAIT"),
        ),
    )


def _held(holder: End, case: Case) -> str:
    """Say for how long it is in CLOSE_WAIT, or that nobody knows what became of it."""
    if _was_lost_sight_of(case):
        unseen = span(case.now_ns - case.connection.last_time_ns)
        return f"was in CLOSE_WAIT when it was last seen, {unseen} before the capture ends"
    return f"has been in CLOSE_WAIT for {holder.held}"


def _was_lost_sight_of(case: Case) -> bool:
    """Say whether the capture ends so long after its last segment that it may be one of several pieces."""
    return case.now_ns - case.connection.last_time_ns > DAY


def _closed_late(holder: End, frames: tuple[int, ...]) -> Verdict:
    since, until = holder.entered(State.CLOSE_WAIT), holder.left(State.CLOSE_WAIT)
    length = f" for {span(until.time_ns - since.time_ns)}" if since and until else ""
    return Verdict(
        severity=Severity.NOTE,
        kind="over",
        grounds=(being(holder, State.CLOSE_WAIT), showing(holder, Fact.FIN_SENT, Fact.RST_SENT)),
        fault=holder.fault,
        frames=frames,
        explanation=f"{holder} was in CLOSE_WAIT{length} before its application closed.",
        rivals=(cause("a half-close that is meant"),),
        advice=advise("Find out why the application closes so late.", ss_state(holder, "close-wait")),
    )


@rule("D11", "FIN_WAIT2 held", Severity.NOTE, rests_on={Basis.SILENCE, Basis.TIMES})
def fin_wait2_held(case: Case) -> Verdict | None:
    """An end has closed, its FIN was acknowledged, and the other end's FIN does not come.

    What it means: the mirror of CLOSE_WAIT (D10), seen from the end that closed. The cause lies with the other end's
    application.

    Why it matters: little, at this end. Linux drops a FIN_WAIT2 that no process owns after ``tcp_fin_timeout``
    without sending a packet; from then on, whatever the other end sends is answered by a reset (D12). This finding
    waits for the timer profile's time-out (60 s). Hosts may be set to a shorter one, and so the state reads
    "FIN_WAIT2, or gone since" from five seconds of silence on.

    Rivals: CLOSE_WAIT held (D10), the same event with the end at fault in sight. A half-close that is meant: this
    end closed its sending direction alone and still reads.

    What to do: look at the other end's application; see D10.

    See it: ``wirestat pcaps/close-wait-leak/client.pcap`` shows it as a part of D10.

    RFC 9293: 3.6, 3.10.4; RFC 1122, 4.2.2.13 (half-close).
    """
    waiter = next((end for end in case.ends if end.has(Fact.FIN_WAIT2_HELD)), None)
    if waiter is None or waiter.state is not State.FIN_WAIT2 or waiter.other.has(Fact.CLOSE_WAIT_HELD):
        return None
    if case.has(Fact.ONE_WAY) and not waiter.confirmed:
        return None  # whether anything acknowledged its FIN is not known
    if _was_lost_sight_of(case):
        return None
    sending = waiter.other.has(Fact.DATA_AFTER_PEER_FIN)
    gone = " It may be gone since: an orphan is dropped without a packet." if waiter.record.or_since else ""
    return Verdict(
        severity=Severity.INFO if sending else None,
        grounds=(being(waiter, State.FIN_WAIT2), showing(waiter, Fact.FIN_SENT, Fact.FIN_WAIT2_HELD)),
        doubts=("the wire does not show whether a process still owns the socket",),
        fault=waiter.other.fault,
        frames=case.evidence(_frame(waiter, State.FIN_WAIT2), waiter.frame(Fact.FIN_WAIT2_HELD)),
        explanation=f"{waiter} closed and has waited for {waiter.held} in FIN_WAIT2 for the FIN of "
        f"{waiter.other}.{gone}",
        rivals=(still_open("a half-close that is meant", "data still comes" if sending else ""),),
        advice=advise(
            "Look at the application at the other end: it has been told that this one is done.",
            ss_state(waiter.other, "close-wait"),
            ss_state(waiter, "fin-wait-2"),
            sysctl(waiter, "net.ipv4.tcp_fin_timeout"),
        ),
    )


@rule(
    "D13",
    "FIN unanswered",
    Severity.WARNING,
    rests_on={Basis.SILENCE, Basis.REPEATS},
    replaces={"D08", "D27"},
)
def fin_unanswered(case: Case) -> Verdict | None:
    """An end closed, and its FIN is not acknowledged, however often it is sent.

    What it means: the end is in FIN_WAIT1. Either its FIN does not arrive (the path lost the connection's state, or
    the other end is dead), or the acknowledgement does not come back. If the other end's acknowledgement is in the
    capture and the FIN is sent again all the same, the way back is the broken one.

    Why it matters: the closing end drops the connection when its retries are used up, without a packet. The other
    end may stay in ESTABLISHED for ever.

    Rivals: a firewall that forgets a connection as soon as it sees the first FIN, and drops the ACK and whatever
    follows. A capture of one direction only. A lost *last* ACK (D14), where the other end has closed before.

    What to do: capture at both ends and see which of the two does not arrive.

    See it: ``wirestat pcaps/fin-lost-for-good/client.pcap``: a firewall swallows every FIN.

    RFC 9293: 3.6, 3.10.7.4 (FIN-WAIT-1), 3.8.3 (retransmission until R2).
    """
    closer = next((end for end in case.ends if _is_unanswered(end)), None)
    if closer is None or _tried_for(closer, case) < _SOON:
        return None
    if case.has(Fact.ONE_WAY) and closer.has(Fact.DATA_RESENT) and not resent_with_data(closer):
        return None  # it is data before the FIN that is missing, and whoever misses it is not captured
    answered = closer.has(Fact.FIN_RESENT_AFTER_ACK)
    if answered and closer.other.has(Fact.ACK_BEYOND):
        broken = f"{closer.other} acknowledges what it never sent: the numbers of the two ends do not agree"
        doubt = "a device on the way that answered in the place of each would look the same"
    elif answered:
        broken = f"the ACK of {closer.other} is in the capture and does not reach it"
        doubt = "the ACK may be dropped by the closing host itself, behind the tap"
    else:
        broken = "nothing answers"
        doubt = "one capture cannot tell a dead end from a broken path"
    gave_up = ", and it gave up with a reset" if closer.has(Fact.RST_SENT) else ""
    left = " It is left in FIN_WAIT1." if closer.state is State.FIN_WAIT1 else ""
    return Verdict(
        grounds=(
            showing(
                closer,
                Fact.FIN_SENT,
                Fact.FIN_RESENT,
                Fact.FIN_RESENT_AFTER_ACK,
                Fact.FIN_RETRIES_USED_UP,
                Fact.RST_SENT,
            ),
        ),
        doubts=(doubt,),
        fault=Fault.PATH,
        frames=case.evidence(
            _frame(closer, State.FIN_WAIT1, State.LAST_ACK),
            closer.frame(Fact.FIN_RESENT, Fact.FIN_RESENT_AFTER_ACK),
            case.connection.last_frame,
        ),
        explanation=f"{closer} closed and resent its FIN {_how_long(closer, case)}; {broken}{gave_up}.{left}",
        rivals=(
            cause("a firewall that dropped its state at the first FIN"),
            ruled_out("the other end is dead", "it acknowledged")
            if answered
            else cause(
                "the other end is dead" + (" or has forgotten it" if closer.other.has(Fact.FIN_SENT) else "")
            ),
            still_open("the last ACK is lost (D14)", "the other end had closed before")
            if closer.other.has(Fact.FIN_SENT)
            else ruled_out("the last ACK is lost (D14)", "the other end has not closed"),
        ),
        advice=advise(
            "Capture at both ends: see whether the FIN arrives, and whether its ACK leaves.",
            capture_at(closer.other),
            ss_this(closer.other),
            ss_this(closer),
        ),
    )


def _is_unanswered(closer: End) -> bool:
    """Say whether it sent its FIN again in vain: the first of the two, or the second until it gave up."""
    if closer.other.has(Fact.RST_SENT):
        return False
    if resent_with_data(closer):
        return True
    if not closer.has(Fact.FIN_RESENT, Fact.FIN_RESENT_AFTER_ACK):
        return False
    if closer.other.has(Fact.FIN_SENT) and closer.state is not State.FIN_WAIT1:
        return (
            closer.has(Fact.RST_SENT)
            and not closer.has(Fact.FIN_RESENT_AFTER_ACK)
            and closer.left(State.CLOSE_WAIT) is not None
        )
    return not closer.has(Fact.RST_SENT) and (
        closer.state is State.FIN_WAIT1 or closer.has(Fact.FIN_RETRIES_USED_UP)
    )


def resent_with_data(closer: End) -> bool:
    """Say whether its last segment, which carries data and the FIN, was sent again and never acknowledged."""
    if closer.state is not State.FIN_WAIT1 or closer.has(Fact.DATA_RESENT):
        return False
    if not closer.record.unacknowledged_bytes:
        return False
    closed, again, heard = (
        closer.fact(Fact.FIN_SENT),
        closer.fact(Fact.FIN_RESENT),
        closer.other.record.last_time_ns,
    )
    one_segment = closer.record.unacknowledged_bytes <= (closer.other.record.mss or _USUAL_MSS)
    if closed is None or again is None or again.frame <= closed.frame or not one_segment:
        return False
    return heard is None or heard < closed.time_ns


@rule("D14", "Last ACK lost", Severity.NOTE, rests_on={Basis.REPEATS, Basis.SILENCE})
def last_ack_lost(case: Case) -> Verdict | None:
    """The end that closed second sends its FIN again although the other end is there to acknowledge it.

    What it means: the last of the closing acknowledgements does not arrive. The end that closed first is in
    TIME_WAIT, the other in LAST_ACK, where it resends its FIN until an ACK or a reset comes or its retries are used
    up.

    Why it matters: little. No data is lost and both ends forget the connection in the end. Many of them point to a
    firewall that forgets connections too early.

    Rivals: the capture missed the ACK: then the FIN is not sent again, and nothing is wrong. The first closer is
    gone: then it answers with a reset. An unanswered *first* FIN (D13).

    What to do: count them. If they are many, look for what drops packets of closing connections on the way to the
    end in LAST_ACK (``nf_conntrack_tcp_timeout_last_ack``, and the like elsewhere).

    See it: ``wirestat pcaps/last-ack-lost/server.pcap``: the last ACK is lost each time.

    RFC 9293: 3.6 (TIME-WAIT exists for this), 3.10.7.4 (LAST-ACK).
    """
    repaired = next((end for end in case.ends if end.has(Fact.FIN_RESENT_AFTER_ACK) and _done(end)), None)
    if repaired:
        return None if _was_under_way(repaired, case) else _came_later(case, repaired)
    again = [end for end in case.ends if end.has(Fact.FIN_RESENT, Fact.FIN_RESENT_AFTER_ACK)]
    last = next((end for end in again if _second(end)), None)
    if last is None or last.has(Fact.RST_SENT) or last.other.has(Fact.RST_SENT) or _was_under_way(last, case):
        return None
    acknowledged = last.has(Fact.FIN_RESENT_AFTER_ACK)
    how = "although it was acknowledged" if acknowledged else "as no acknowledgement was captured"
    return Verdict(
        grounds=(
            being(last, last.state),
            showing(last, Fact.FIN_SENT, Fact.FIN_RESENT, Fact.FIN_RESENT_AFTER_ACK),
        ),
        doubts=() if acknowledged else ("the first closer may be gone, and its machine silent",),
        fault=Fault.PATH,
        frames=case.evidence(
            _frame(last, State.LAST_ACK),
            last.frame(Fact.FIN_RESENT_AFTER_ACK, Fact.FIN_RESENT),
            case.connection.last_frame,
        ),
        explanation=f"{last} is left in {_waits_in(last)}: it closed second and sent its FIN again {how}. "
        f"{last.other.subject} {'is' if acknowledged else 'should be'} in {last.other.state}.",
        rivals=(
            ruled_out("the capture missed the ACK", "the FIN would not have been sent again"),
            ruled_out("the first closer is gone", "it acknowledged")
            if acknowledged
            else still_open("the first closer is gone", "no reset came"),
        ),
        advice=advise(
            "Harmless one by one. Where they are many, see what drops packets of closing connections.",
            ss_state(last, "last-ack"),
            capture_at(last),
        ),
    )


def _was_under_way(last: End, case: Case) -> bool:
    """Say whether its FIN came again so soon after the ACK that it had left before the ACK could arrive."""
    again = last.fact(Fact.FIN_RESENT_AFTER_ACK)
    undone = last.retracted_by(again.frame) if again else None
    if again is None or undone is None:
        return False
    return again.time_ns - undone.time_ns < max(case.connection.handshake_rtt_ns or 0, _NO_TRIP)


def _done(end: End) -> bool:
    """Say whether it closed second, and the close was finished in the end."""
    finished = end.state is State.CLOSED and not end.has(Fact.FIN_RETRIES_USED_UP, Fact.RST_SENT)
    return finished and end.other.has(Fact.FIN_SENT) and not end.other.has(Fact.RST_SENT)


def _came_later(case: Case, last: End) -> Verdict:
    return Verdict(
        severity=Severity.INFO,
        grounds=(
            being(last, State.LAST_ACK, State.CLOSING),
            showing(last, Fact.FIN_SENT, Fact.FIN_RESENT_AFTER_ACK),
        ),
        fault=Fault.PATH,
        frames=case.evidence(_frame(last, State.LAST_ACK), last.frame(Fact.FIN_RESENT_AFTER_ACK)),
        explanation=f"{last} closed second and sent its FIN again although it had been acknowledged; a "
        "later ACK ended the connection.",
        rivals=(ruled_out("a first closer that is gone", "it acknowledged again"),),
        advice="Nothing to do: TIME_WAIT exists for this.",
    )


def _second(end: End) -> bool:
    """Say whether it waits for the last ACK, or did until it gave up."""
    gave_up = end.has(Fact.FIN_RETRIES_USED_UP) and end.other.has(Fact.FIN_SENT)
    return end.state in (State.LAST_ACK, State.CLOSING) or gave_up


@rule("D15", "Simultaneous close or open", Severity.INFO, rests_on={Basis.ORDER})
def simultaneous(case: Case) -> Verdict | None:
    """Both ends closed, or opened, before they had heard of each other's doing so.

    What it means: the two FINs crossed on the way: both ends go through CLOSING into TIME_WAIT, and none is in
    CLOSE_WAIT or LAST_ACK. With two SYNs that cross, both ends are clients.

    Why it matters: it does not, but for two TIME_WAITs instead of one. It explains states that look odd in netstat.

    Rivals: a tap that captured two packets in the wrong order.

    What to do: nothing.

    See it: ``wirestat pcaps/simultaneous-close/client.pcap``: both ends close at once.

    RFC 9293: 3.5 Figure 7 (simultaneous open), 3.6 Figure 13 (simultaneous close).
    """
    opened = case.has(Fact.SIMULTANEOUS_OPEN)
    if not opened and not (case.has(Fact.SIMULTANEOUS_CLOSE) and _can_have_crossed(case)):
        return None
    if case.connection.first_frame == case.connection.last_frame:
        return None  # one segment crosses nothing: its socket is meant for itself
    what = "SYNs" if opened else "FINs"
    states = (State.SYN_SENT,) if opened else (State.FIN_WAIT1,)
    return Verdict(
        grounds=tuple(being(end, *states) for end in case.ends),
        fault=Fault.UNDECIDED,
        frames=case.evidence(*(_frame(end, *states) for end in case.ends)),
        explanation=f"The {what} of {case.client} and {case.server} crossed on the way.",
        rivals=(ruled_out("a tap that changed the order", "the acknowledgement numbers tell"),),
        advice="Nothing to do.",
    )


def _can_have_crossed(case: Case) -> bool:
    """Say whether the FINs were sent within about a round trip: else the first was lost, and did not cross."""
    first, second = (end.fact(Fact.FIN_SENT) for end in case.ends)
    if any(capture.backward_steps for capture in case.analysis.captures):
        return False  # which came first is not known
    if first is None or second is None:
        return True
    return abs(first.time_ns - second.time_ns) <= max(2 * (case.connection.handshake_rtt_ns or 0), _LONG_TRIP)


def _waits_in(end: End) -> State:
    return end.state if end.state is not State.CLOSED else State.LAST_ACK


def _frame(end: End, *states: State) -> int | None:
    step = end.entered(*states)
    return step.frame if step else None


def _tried_for(closer: End, case: Case) -> int:
    """Say for how long it has been sending its FIN, in ns."""
    start = closer.entered(State.FIN_WAIT1, State.LAST_ACK, State.CLOSING)
    end = closer.record.last_time_ns
    return end - start.time_ns if start and end else _SOON


def _how_long(closer: End, case: Case) -> str:
    if closer.entered(State.FIN_WAIT1, State.LAST_ACK, State.CLOSING) is None:
        return times(closer.record.retransmitted_frames)
    return f"for {span(_tried_for(closer, case))}"
