"""How connections end, and where they get stuck on the way out."""

from wirestat.diagnosis.advice import advise, capture_at, ss_state, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.closing.half_closed import is_answer_in_vain
from wirestat.diagnosis.rules.closing.lone_fins import lone_fins
from wirestat.diagnosis.rules.closing.lost_fins import acknowledged_late, lost_for_good
from wirestat.diagnosis.rules.path.rationed import stopped_after
from wirestat.diagnosis.rules.silence.in_vain import (
    hosts_in_vain,
    in_vain_before,
    in_vain_everywhere,
    lives_meanwhile,
    may_be_dead,
    why_in_vain,
)
from wirestat.diagnosis.rules.silence.unaware import spoke_unaware
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SOON = 500 * MILLISECOND
"""Within this time a FIN is resent once at most, as any that was lost: nobody has waited in vain yet."""
_NO_TRIP = 5 * MILLISECOND
"""Segments so close together are taken for under way at the same time, however short the round trip is."""
_USUAL_MSS = 1460
_LONG_TRIP = 1000 * MILLISECOND
_TRIP = 250 * MILLISECOND
"""Hardly anything is under way for longer than this, where no round trip is known."""
_ONE_CAPTURE = "one capture cannot tell a dead end from a broken path"
_WHICH_WAY = (
    "one capture does not tell whether the FIN or its acknowledgement is lost, or whether the end forgot it"
)
_FINS = (Fact.FIN_SENT, Fact.FIN_RESENT, Fact.FIN_RESENT_AFTER_ACK)


@rule(
    "D13",
    "FIN unanswered",
    Severity.WARNING,
    rests_on={Basis.SILENCE, Basis.REPEATS},
    replaces={"D08", "D12", "D27"},
)
def fin_unanswered(case: Case) -> Verdict | None:
    """An end closed, and its FIN is not acknowledged, however often it is sent.

    What it means: the end is in FIN_WAIT1. Either its FIN does not arrive (the path lost the connection's state, or
    the other end is dead), or the acknowledgement does not come back. If the other end's acknowledgement is in the
    capture and the FIN is sent again all the same, the way back is the broken one. Where the other end answers, and
    acknowledges less than lies before the FIN, it waits for bytes that never come: a wrong number, or a loss. A FIN
    without the flag ACK is dropped by whoever gets it.

    Why it matters: the closing end drops the connection when its retries are used up, without a packet. The other
    end may stay in ESTABLISHED for ever.

    Rivals: a firewall that forgets a connection as soon as it sees the first FIN, and drops the ACK and whatever
    follows. A capture of one direction only. A lost *last* ACK (D14), where the other end has closed before.

    What to do: capture at both ends and see which of the two does not arrive.

    See it: ``wirestat pcaps/fin-lost-for-good/client.pcap``: a firewall swallows every FIN.

    RFC 9293: 3.6, 3.10.7.4 (FIN-WAIT-1), 3.8.3 (retransmission until R2).
    """
    closer = next((end for end in case.ends if _is_unanswered(end)), None)
    if closer is None:
        return spoke_unaware(case) or lost_for_good(case) or acknowledged_late(case) or lone_fins(case)
    if _tried_for(closer, case) < _SOON:
        return None
    if case.has(Fact.ONE_WAY) and closer.has(Fact.DATA_RESENT) and not resent_with_data(closer):
        return None  # it is data before the FIN that is missing, and whoever misses it is not captured
    if _is_answered_short(closer):
        return _answered_short(case, closer)
    answered = closer.has(Fact.FIN_RESENT_AFTER_ACK)
    if answered and (closer.other.has(Fact.ACK_BEYOND) or _acknowledged_beyond(closer)):
        broken = f"{closer.other} acknowledges what it never sent: the numbers of the two ends do not agree"
        doubt = "a device on the way that answered in the place of each would look the same"
    elif answered:
        broken = f"the ACK of {closer.other} is in the capture and does not reach it"
        doubt = "the ACK may be dropped by the closing host itself, behind the tap"
    else:
        broken, doubt = "nothing answers", _ONE_CAPTURE
    lives = "" if answered else lives_meanwhile(case, closer)
    gave_up = ", and it gave up with a reset" if closer.has(Fact.RST_SENT) else ""
    or_last = " or LAST_ACK" if State.LAST_ACK in closer.record.or_since else ""
    left = f" It is left in FIN_WAIT1{or_last}." if closer.state is State.FIN_WAIT1 else ""
    cut_off = 0 if answered else hosts_in_vain(case, closer)
    return Verdict(
        kind="nobody is heard" if cut_off else "forgotten before" if in_vain_before(case, closer) else "",
        grounds=(showing(closer, *_FINS, Fact.FIN_RETRIES_USED_UP, Fact.RST_SENT),),
        doubts=(_WHICH_WAY if lives else doubt,),
        fault=Fault.PATH,
        frames=case.evidence(
            closer.frame_into(State.FIN_WAIT1, State.LAST_ACK),
            closer.frame(Fact.FIN_RESENT, Fact.FIN_RESENT_AFTER_ACK),
            case.connection.last_frame,
        ),
        explanation=f"{closer} closed and resent its FIN {_how_long(closer, case)}; {broken}{gave_up}.{left}"
        + (in_vain_everywhere(closer, cut_off) if cut_off else lives)
        + ("" if answered or cut_off else stopped_after(case, closer)),
        rivals=(
            *why_in_vain(case, closer, cut_off),
            *(
                (ruled_out("the other end is dead", "it acknowledged"),)
                if answered
                else (unlikely("the other end is dead", f"{cut_off} hosts are silent at once"),)
                if cut_off
                else may_be_dead(case, closer)
            ),
            _may_be_last(closer),
        ),
        advice=advise(
            "Capture at both ends: see whether the FIN arrives, and whether its ACK leaves.",
            capture_at(closer.other),
            ss_this(closer.other),
            ss_this(closer),
        ),
    )


def _is_answered_short(closer: End) -> bool:
    """Say whether the other end answers copies of a FIN, and always lacks what lies before it."""
    again, heard = closer.fact(Fact.FIN_RESENT), closer.other.record.last_time_ns
    short = again is not None and heard is not None and heard >= again.time_ns
    return short and closer.record.unacknowledged_bytes > 0 and not closer.has(Fact.FIN_RESENT_AFTER_ACK)


def _answered_short(case: Case, closer: End) -> Verdict:
    """Judge a FIN that arrives, behind bytes that do not."""
    lacks = some(closer.record.unacknowledged_bytes, "byte")
    resent = closer.has(Fact.DATA_RESENT)
    return Verdict(
        kind="answered short",
        grounds=(showing(closer, Fact.FIN_SENT, Fact.FIN_RESENT),),
        doubts=("one capture does not tell whether these bytes were lost before the tap, or never sent",),
        fault=Fault.UNDECIDED if resent else closer.fault,
        frames=case.evidence(
            closer.frame_into(State.FIN_WAIT1, State.LAST_ACK),
            closer.frame(Fact.FIN_RESENT),
            case.connection.last_frame,
        ),
        explanation=f"{closer} closed and resent its FIN {_how_long(closer, case)}. {closer.other.subject} answers, "
        f"and acknowledges {lacks} less than lie before that FIN: it waits for these and cannot take the FIN, so for "
        f"it the connection is open.{'' if resent else ' They were not sent again.'}",
        rivals=(
            cause("a stack that gives its FIN a wrong number, too high by what is missing"),
            cause("data before the FIN that were lost, which the sender takes for acknowledged"),
            ruled_out("the other end is dead", "it answers"),
        ),
        advice=advise(
            f"See whether the stack of {closer.address} counts its FIN right: an older firmware, a TCP of its own.",
            capture_at(closer),
            ss_this(closer.other),
        ),
    )


def _may_be_last(closer: End) -> Rival:
    """Weigh whether the other end had closed before: only a stream without a gap holds no FIN for sure."""
    last, other = "the last ACK is lost (D14)", closer.other
    if other.has(Fact.FIN_SENT):
        return still_open(last, "the other end had closed before")
    if not other.record.frames:
        return still_open(last, "nothing of the other end was captured, which may have closed before")
    if other.record.unseen_bytes:
        missed = some(other.record.unseen_bytes, "byte")
        return still_open(
            last,
            f"{missed} of the other end were not captured: a FIN beyond them may be missing too, or was set aside",
        )
    return ruled_out(last, "the other end has not closed")


def _acknowledged_beyond(closer: End) -> bool:
    """Say whether the other end acknowledges more than its FIN, the first of it that was captured, reaches."""
    closed = closer.fact(Fact.FIN_SENT)
    is_first = closed is not None and closed.time_ns == closer.record.first_time_ns
    return is_first and not closer.record.bytes and closer.record.unseen_bytes > 0


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
            and not _was_let_go(closer)
        )
    return not closer.has(Fact.RST_SENT) and (
        closer.state is State.FIN_WAIT1 or closer.has(Fact.FIN_RETRIES_USED_UP)
    )


def _was_let_go(closer: End) -> bool:
    """Say whether its FIN was acknowledged before it reset: the reset answers what came later."""
    gone, reset = closer.entered(State.CLOSED), closer.fact(Fact.RST_SENT)
    return gone is not None and reset is not None and gone.moment < reset.moment


def resent_with_data(closer: End) -> bool:
    """Say whether its last segment, which carries data and the FIN, was sent again and never acknowledged."""
    if closer.state is not State.FIN_WAIT1 or closer.has(Fact.DATA_RESENT) or not closer.has(Fact.FIN_RESENT):
        return False
    if not closer.record.unacknowledged_bytes:
        return False
    closed, again, heard = (
        closer.fact(Fact.FIN_SENT),
        closer.fact(Fact.FIN_RESENT),
        closer.other.record.last_time_ns,
    )
    one_segment = closer.record.unacknowledged_bytes <= (closer.other.record.mss or _USUAL_MSS)
    if closed is None or again is None or again.moment <= closed.moment or not one_segment:
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
    if is_answer_in_vain(last):
        return None  # more than the last ACK is missing (D09)
    acknowledged = last.has(Fact.FIN_RESENT_AFTER_ACK)
    is_left = "may be left" if State.CLOSED in last.record.or_since else "is left"
    how = "although it was acknowledged" if acknowledged else "as no acknowledgement was captured"
    return Verdict(
        grounds=(
            being(last, last.state),
            showing(last, Fact.FIN_SENT, Fact.FIN_RESENT, Fact.FIN_RESENT_AFTER_ACK),
        ),
        doubts=() if acknowledged else ("the first closer may be gone, and its machine silent",),
        fault=Fault.PATH,
        frames=case.evidence(
            last.frame_into(State.LAST_ACK),
            last.frame(Fact.FIN_RESENT_AFTER_ACK, Fact.FIN_RESENT),
            case.connection.last_frame,
        ),
        explanation=f"{last} {is_left} in {_waits_in(last)}: it closed second and sent its FIN again {how}. "
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
    return again.time_ns - undone.time_ns < case.round_trips_ns(1, _NO_TRIP)


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
        frames=case.evidence(last.frame_into(State.LAST_ACK), last.frame(Fact.FIN_RESENT_AFTER_ACK)),
        explanation=f"{last} closed second and sent its FIN again although it had been acknowledged; a "
        "later ACK ended the connection.",
        rivals=(ruled_out("a first closer that is gone", "it acknowledged again"),),
        asks_nothing=True,
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
    if opened and all(end.entered(State.ESTABLISHED, State.FIN_WAIT1) is None for end in case.ends):
        return None  # SYNs alone cross nothing: their target is meant to answer itself
    what = "SYNs" if opened else "FINs"
    apart = 0 if opened else _apart_for_longer_than_the_way(case)
    states = (State.SYN_SENT,) if opened else (State.FIN_WAIT1,)
    return Verdict(
        grounds=tuple(being(end, *states) for end in case.ends),
        fault=Fault.UNDECIDED,
        frames=case.evidence(*(end.frame_into(*states) for end in case.ends)),
        explanation=f"The {what} of {case.client} and {case.server} crossed on the way.",
        doubts=(f"they are {span(apart)} apart: the first may have been lost, and not have crossed",)
        if apart
        else ("one of them was sent again: the first copy may have been lost, and not have crossed",)
        if not opened and any(end.has(Fact.FIN_RESENT) for end in case.ends)
        else (),
        rivals=(ruled_out("a tap that changed the order", "the acknowledgement numbers tell"),),
        asks_nothing=True,
        advice="Nothing to do.",
    )


def _can_have_crossed(case: Case) -> bool:
    """Say whether the FINs were sent within about a round trip: else the first was lost, and did not cross."""
    first, second = (end.fact(Fact.FIN_SENT) for end in case.ends)
    if any(capture.backward_steps for capture in case.analysis.captures):
        return False  # which came first is not known
    if first is None or second is None:
        return True
    longest = _LONG_TRIP if case.connection.handshake_rtt_ns is None else case.round_trips_ns(2, _TRIP)
    return abs(first.time_ns - second.time_ns) <= longest


def _apart_for_longer_than_the_way(case: Case) -> int:
    """Return how long the FINs are apart, in ns, where they may not have crossed: longer than a round trip."""
    first, second = (end.fact(Fact.FIN_SENT) for end in case.ends)
    if first is None or second is None:
        return 0
    apart = abs(first.time_ns - second.time_ns)
    longest = _TRIP if case.connection.handshake_rtt_ns is None else case.round_trips_ns(1, _NO_TRIP)
    return apart if apart > longest else 0


def _waits_in(end: End) -> State:
    return end.state if end.state is not State.CLOSED else State.LAST_ACK


def _tried_for(closer: End, case: Case) -> int:
    """Say for how long it has been sending its FIN, in ns."""
    start = closer.entered(State.FIN_WAIT1, State.LAST_ACK, State.CLOSING)
    end = closer.record.last_time_ns
    return end - start.time_ns if start and end else _SOON


def _how_long(closer: End, case: Case) -> str:
    if closer.entered(State.FIN_WAIT1, State.LAST_ACK, State.CLOSING) is None:
        return times(closer.record.retransmitted_frames)
    return f"for {span(_tried_for(closer, case))}"
