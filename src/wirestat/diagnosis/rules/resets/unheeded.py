"""Resets that their receiver must not accept (RFC 5961)."""

from wirestat.diagnosis.advice import advise, nstat, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.rules.resets.before import closed_before
from wirestat.diagnosis.rules.resets.unheard import reset_unheard
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, State
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_A_TRIP = 500 * MILLISECOND
"""A reset that comes so soon after a segment may answer it."""


@rule("D28", "Reset without effect", Severity.WARNING, rests_on={Basis.OPENING, Basis.ORDER})
def reset_without_effect(case: Case) -> Verdict | None:
    """A reset was sent that its receiver must not accept, and did not.

    What it means: the reset's sequence number is not exactly the one that was due. In the window it draws a
    challenge ACK, outside of it nothing (RFC 5961). Tools that end a connection at any RST flag are wrong about it:
    it lives on.

    Why it matters: blind resets are an attack. They also come from devices that try to end a connection and have
    lost count, and then one end's state and the device's differ.

    Rivals: a reset that was overtaken by data, and is old rather than forged. An end that aborts with data under way
    resets behind those: where they are lost, its reset is no longer exact. That end is gone, and the other stays open
    until its challenge is answered.

    What to do: compare the reset's TTL with that of the end in whose name it came. Nothing is broken yet. Where the
    number is the one that was due, and the other end goes on all the same, the reset did not arrive there.

    See it: ``wirestat pcaps/blind-rst-in-window/server.pcap``: a forged reset in the window.

    RFC 9293: 3.10.7.4 (second, check the RST bit); RFC 5961, 3.2.
    """
    end = next((end for end in case.ends if end.has(Fact.RST_IN_WINDOW, Fact.RST_OUT_OF_WINDOW)), None)
    if end is None:
        return reset_unheard(case)
    if not end.other.record.frames:
        return None  # nobody is there to ignore it: whoever asked in vain gives up so
    if _comes_too_late(end) or _answers_an_unasked_syn_ack(end) or _answers_an_early_ack(case, end):
        return None
    if _aborted(end):
        return _behind_lost_data(case, end)
    if _was_no_reset(end):
        return _taken_for_none(case, end)
    inside, challenged = end.has(Fact.RST_IN_WINDOW), end.other.has(Fact.CHALLENGE_ACK)
    where = "in the window but not exact" if inside else "outside the window"
    answer = (
        "answered with a challenge ACK"
        if challenged
        else "answered it all the same"
        if _was_found_gone(end)
        else "has to ignore it"
    )
    foreign = end.has(Fact.STRAY_RST_LOOKS_FOREIGN, Fact.RST_LOOKS_FOREIGN, Fact.RST_TTL_DIFFERS)
    return Verdict(
        severity=None if inside and challenged else Severity.NOTE,
        kind=f"in the name of the {end.side}",
        grounds=(
            showing(end, Fact.RST_IN_WINDOW, Fact.RST_OUT_OF_WINDOW),
            showing(end.other, Fact.CHALLENGE_ACK),
        ),
        doubts=()
        if challenged or _was_found_gone(end)
        else ("no challenge ACK shows how the receiver took it",),
        fault=Fault.PATH if foreign else Fault.UNDECIDED,
        frames=case.evidence(
            end.frame(Fact.RST_IN_WINDOW, Fact.RST_OUT_OF_WINDOW), end.other.frame(Fact.CHALLENGE_ACK)
        ),
        explanation=f"A reset in the name of {end} is {where}; {end.other} {answer}.{_then(end)}",
        rivals=(
            unlikely("an old reset, overtaken by data", "it does not look like the end's own")
            if foreign
            else cause("an old reset, overtaken by data"),
            *(
                (cause("the end's own abort, ahead of data that did not arrive"),)
                if inside and not challenged and not foreign
                else ()
            ),
            cause("a forged reset", "it does not look like the end's own" if foreign else "compare TTLs"),
        ),
        advice=advise(
            "Compare the reset's TTL with other packets of the end in whose name it came.",
            nstat(end.other, "TcpExtTCPChallengeACK"),
        ),
    )


def _was_no_reset(end: End) -> bool:
    """Say whether a reset that does not look like its sender's drew no answer, and both ends went on after it."""
    reset = end.fact(Fact.RST_OUT_OF_WINDOW)
    if reset is None or end.has(Fact.RST_IN_WINDOW) or end.other.has(Fact.CHALLENGE_ACK):
        return False
    looks = end.has(Fact.STRAY_RST_LOOKS_FOREIGN, Fact.RST_LOOKS_FOREIGN)
    heard = [one.record.last_time_ns or 0 for one in (end, end.other)]
    return looks and min(heard) > reset.time_ns


def _taken_for_none(case: Case, end: End) -> Verdict:
    return Verdict(
        severity=Severity.NOTE,
        kind=f"in the name of the {end.side}, and none of its",
        grounds=(showing(end, Fact.RST_OUT_OF_WINDOW, Fact.STRAY_RST_LOOKS_FOREIGN, Fact.RST_LOOKS_FOREIGN),),
        doubts=("no challenge ACK shows how the receiver took it",),
        fault=Fault.PATH,
        frames=case.evidence(end.frame(Fact.RST_OUT_OF_WINDOW)),
        explanation=f"A reset in the name of {end} ended nothing: both ends went on after it, as they do after one "
        "of somebody else, or after a packet whose header was damaged.",
        rivals=(
            cause("a forged reset, outside the window or too late", "compare its TTL and identification"),
            cause("a segment whose header was damaged, on its way or in the file", "look at its other flags"),
            unlikely("an old reset, overtaken by data", "it lacks a mark of the end's own"),
        ),
        advice=advise(
            "Look at that frame: no stack sends a reset that bears FIN or SYN as well. Else compare its TTL with "
            "other packets of the end in whose name it came.",
            nstat(end.other, "TcpExtTCPChallengeACK", "TcpInCsumErrors"),
        ),
    )


def _then(end: End) -> str:
    """Say that the challenge found the connection gone."""
    challenge, reset = end.other.fact(Fact.CHALLENGE_ACK), end.fact(Fact.RST_NO_SOCKET)
    is_answer = challenge is not None and reset is not None and reset.moment >= challenge.moment
    if not is_answer and not _was_found_gone(end):
        return ""
    return (
        " That was answered by the exact reset: whoever answers there has no such connection, and it is over."
    )


def _was_found_gone(end: End) -> bool:
    """Say whether a bare reset came right after the wrong one: it answers a segment that this one drew."""
    wrong, reset = end.fact(Fact.RST_OUT_OF_WINDOW), end.fact(Fact.RST_NO_SOCKET)
    heard = end.other.record.last_time_ns
    if wrong is None or reset is None or heard is None:
        return False
    return wrong.time_ns < heard < reset.time_ns <= wrong.time_ns + _A_TRIP


def _comes_too_late(end: End) -> bool:
    """Say whether both ends had closed or reset before: nothing was at stake.

    A host that has forgotten the connection answers what comes late so.
    """
    reset = end.fact(Fact.RST_IN_WINDOW, Fact.RST_OUT_OF_WINDOW)
    if reset is not None and all(one.state is State.CLOSED for one in (end, end.other)):
        aborts = [one.fact(Fact.RST_SENT) for one in (end, end.other)]
        if any(abort is not None and abort.moment < reset.moment for abort in aborts):
            return True
    return closed_before(end, reset) and closed_before(end.other, reset)


def _answers_an_unasked_syn_ack(end: End) -> bool:
    """Say whether its reset has the number that a SYN-ACK acknowledged wrongly: it is due (RFC 9293, 3.10.7.3)."""
    unasked, reset = end.other.fact(Fact.UNASKED_SYN_ACK), end.fact(Fact.RST_OUT_OF_WINDOW)
    if unasked is None or reset is None or not end.has(Fact.RST_RIGHT_AFTER_WORDS):
        return False
    return 0 <= reset.time_ns - unasked.time_ns <= _A_TRIP


def _answers_an_early_ack(case: Case, end: End) -> bool:
    """Say whether a listening socket answered an ACK that came before it had answered the SYN: that is due
    (RFC 9293, 3.10.7.2)."""
    early, reset = end.other.fact(Fact.ACK_BEYOND), end.fact(Fact.RST_OUT_OF_WINDOW)
    if end is not case.server or reset is None or end.has(Fact.RST_IN_WINDOW):
        return False
    answered = end.entered(State.SYN_RECV)
    is_first = answered is None or reset.moment < answered.moment
    spoke = early.time_ns if early else _spoke_before_an_answer(case)
    return is_first and spoke is not None and 0 <= reset.time_ns - spoke <= _A_TRIP


def _spoke_before_an_answer(case: Case) -> int | None:
    """Return when the client last sent something else than its SYN, which nothing but the reset has answered."""
    client, server = case.client, case.server
    if client.state is not State.SYN_SENT or server.state is not State.UNKNOWN:
        return None
    says_more = client.record.frames > 1 + case.connection.syn_copies
    return client.record.last_time_ns if says_more else None


def _aborted(end: End) -> bool:
    """Say whether the end in whose name the reset came is gone: by its marks, the reset was its own."""
    if not end.has(Fact.RST_IN_WINDOW) or end.state is not State.CLOSED:
        return False
    return end.frame(Fact.RST_ABORTS) == end.frame(Fact.RST_IN_WINDOW)


def _behind_lost_data(case: Case, end: End) -> Verdict | None:
    """Judge the abort of an end whose last data are missing; None if a reset that is exact followed it."""
    if end.other.state is State.CLOSED:
        return None
    challenge = end.other.frame(Fact.CHALLENGE_ACK)
    return Verdict(
        severity=Severity.NOTE,
        kind=f"abort of the {end.side}, behind lost data",
        grounds=(being(end, State.CLOSED), showing(end, Fact.RST_IN_WINDOW, Fact.RST_ABORTS)),
        fault=Fault.PATH,
        frames=case.evidence(end.frame(Fact.RST_IN_WINDOW), challenge),
        explanation=f"{end} reset the connection, and data that it had sent before are missing: for {end.other} "
        "the reset is in the window but not exact. "
        + (f"{end.other} challenged it, and no other came." if challenge else f"{end.other} stays open."),
        rivals=(
            cause("loss on the way, of the octets before the reset and of the answer to the challenge"),
            *(
                ()
                if challenge
                else (cause("loss of the reset itself", "no challenge shows that it arrived"),)
            ),
            cause("a forged reset", "compare its TTL; whoever it supplants goes on"),
        ),
        advice=advise(
            f"{end.other} finds out with the next segment that it sends; until then it holds the connection.",
            ss_this(end.other),
            nstat(end.other, "TcpExtTCPChallengeACK"),
        ),
    )
