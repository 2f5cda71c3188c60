"""Connections that end at once by a reset: who reset them, and why."""

from wirestat.diagnosis.advice import advise, nstat
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause
from wirestat.diagnosis.rules.opening.unwanted_answers import unwanted
from wirestat.diagnosis.rules.resets.asked_first import asked_first
from wirestat.diagnosis.rules.resets.before import ended_silence, front_end, had_closed, had_no_effect
from wirestat.diagnosis.rules.resets.ended_at_once import SEE_WHAT_ENDED, ended_at_once, in_words
from wirestat.diagnosis.rules.resets.failed_checks import after_failed_checks
from wirestat.diagnosis.rules.resets.no_connection import (
    alone_in_words,
    askers,
    is_alone,
    shows_no_connection,
)
from wirestat.diagnosis.rules.resets.orphans import SEE_ORPHANS, no_room_for_orphans
from wirestat.diagnosis.rules.resets.reasons import in_its_own_words, may_be_a_devices, was_asked_for
from wirestat.diagnosis.rules.resets.repeated import came_again
from wirestat.diagnosis.rules.resets.unheard import reset_unheard
from wirestat.diagnosis.rules.silence.in_vain import is_heard_after_giving_up_on_data
from wirestat.diagnosis.rules.waiting.last_words import asked_in_vain
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, State, Transition
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_KNOWS_NOTHING = Fact.RST_NO_SOCKET
_LONG = 10 * SECOND
"""A silence of so long before a reset may be what ended the connection."""
_NOTHING = (
    "Nothing to do where this is how the application ends; else ask the application at the end that reset."
)


@rule("D27", "Connection reset", Severity.NOTE, rests_on={Basis.ORDER})
def connection_reset(case: Case) -> Verdict | None:
    """One end ended the connection by a reset, and no other diagnosis says why.

    What it means: an application aborted (SO_LINGER 0, or a process that was killed with nothing unread), or a host
    answered a segment for which it had no connection. The finding names the end that reset and the states that both
    were in. A reset that is all that was captured may answer what belonged to no connection at all.

    Why it matters: after an abort the other end's application reads "connection reset by peer", and what was on its
    way is lost. A reset after both ends have closed does no harm: some applications use it to skip TIME_WAIT.

    Rivals: a refusal (D02), a forgotten connection (D07), unread data (D16), a reset by a device on the way (D18):
    each has signs of its own and is reported in place of this.

    What to do: ask the application at the end that reset.

    See it: ``wirestat pcaps/listener-closes/client.pcap``: the listener goes before it has accepted.

    RFC 9293: 3.5.2 (reset generation), 3.5.3 (reset processing), 3.10.5 (ABORT).
    """
    end = _first_to_reset(case)
    if end is None or end.has(Fact.REFUSED):
        return None
    if case.has(Fact.MID_STREAM) and (before := asked_first(case)):
        return before
    if _is_no_end(case, end):
        return None
    if end.has(Fact.RST_ANSWERS_SYN_ACK):
        return unwanted(case, end)
    if had_no_effect(end) or _may_answer_syn(end) or _answers_who_heard_nothing(case, end):
        return None
    if is_heard_after_giving_up_on_data(end) or _answers_a_challenge(end):
        return None  # it had sent data in vain (D56), or another reset drew what it answers, as it has none (D28)
    said_enough = had_closed(end.other, end)
    both_closed = said_enough and had_closed(end, end)
    abort = end.entered(State.CLOSED)
    if both_closed and abort and _was_over(end, abort):
        return None  # it answers a late copy, and resets nothing
    at_once = _at_once(case, end)
    ended = ended_at_once(case, end)
    idle, asked = ended_silence(end), asked_in_vain(case, end)
    checks = "" if asked else after_failed_checks(case, end)
    displaced, orphans = _displaced(case, end), no_room_for_orphans(case, end)
    step = SEE_WHAT_ENDED if ended else _step(end, displaced=displaced, asked=asked, checks=checks)
    other = _was_then(end, is_mute=not idle and not asked and not checks)
    after = f", after a silence of {span(idle)}" if idle else ""
    return Verdict(
        severity=Severity.INFO if was_asked_for(end) else _gravity(case, end, displaced, over=said_enough),
        tells_of_instant=ended is not None,
        kind="asked for" if was_asked_for(end) else "at once" if at_once else "",
        grounds=(showing(end, Fact.RST_SENT, Fact.RESET_AGAIN),),
        doubts=_answers_follow(end),
        fault=_whose_fault(end, asked or checks),
        frames=case.evidence(end.frame(Fact.RST_SENT), end.frame(Fact.RESET_AGAIN)),
        explanation=f"{end}{_in_state(end)} reset the connection with {end.other}{other}{after}"
        + (f", {at_once} after the handshake, before a word was said" if at_once else "")
        + (", after " + ("both had" if both_closed else "the other had") + " closed." if said_enough else ".")
        + alone_in_words(case, end)
        + front_end(end)
        + asked
        + checks
        + displaced
        + orphans
        + in_words(case, ended)
        + in_its_own_words(end)
        + came_again(end),
        rivals=_rivals(case, end, displaced, checks),
        asks_nothing=step is None and not orphans,
        advice=advise(
            SEE_ORPHANS if orphans else step or _NOTHING,
            nstat(
                end,
                *(("TcpExtTCPAbortOnMemory",) if orphans else ()),
                "TcpOutRsts",
                "TcpEstabResets",
                "TcpExtTCPAbortOnLinger",
                "TcpExtTCPAbortOnClose",
            ),
        ),
    )


def _is_no_end(case: Case, end: End) -> bool:
    """Say whether its reset did not end the connection: no host sends it, or it was not heard (D28)."""
    if is_alone(case) and end.has(Fact.RST_LOOKS_FOREIGN):
        return True  # one packet with flags that no host sends together
    return end.other.has(Fact.SPOKE_AFTER_RST) and bool(reset_unheard(case))


def _in_state(end: End) -> str:
    """Say in which state it was when it reset, where that is known."""
    abort = end.entered(State.CLOSED)
    is_known = abort and abort.from_state is not State.UNKNOWN and not end.retracted_by(abort.frame)
    return f" in {abort.from_state}" if abort and is_known else ""


def _rivals(case: Case, end: End, displaced: str, checks: str) -> tuple[Rival, ...]:
    few = cause("a server that keeps few connections, and drops the old for the new")
    down = cause("a balancer that calls the server down, and cuts its sessions")
    return (
        *((few,) if displaced else ()),
        *((down,) if checks else ()),
        *askers(case, end),
        may_be_a_devices(end),
    )


def _step(end: End, *, displaced: str, asked: str, checks: str) -> str | None:
    """Return what to look at; ``None`` where nothing is, unless the application did not mean it."""
    if displaced:
        return (
            f"See how many connections at a time what listens on port {end.port} allows, and of one client; let each "
            "client keep one."
        )
    if asked:
        return f"See why {end} was not answered, or did not wait for it."
    if checks:
        return f"See why {end.other.address} did not answer these checks, and whether sessions have to end for them."
    return None


def _was_then(end: End, *, is_mute: bool) -> str:
    """Say in which state the other end was when the first reset came, and for how long it had sent nothing, where it
    ``is_mute``."""
    met, reset = end.other.entered(State.CLOSED), end.fact(Fact.RST_SENT)
    is_known = met and reset and met.from_state is not State.UNKNOWN and met.moment <= reset.moment
    words = [f"was in {met.from_state}"] if met and is_known else []
    if is_mute and (silent := _silent_for(end)) >= _LONG:
        words.append(f"had sent nothing for {span(silent)}")
    return f", which {' and '.join(words)}" if words else ""


def _silent_for(end: End) -> int:
    """Return for how long the other end had sent nothing when this one broke off of its own accord, in ns, else 0."""
    reset, heard = end.fact(Fact.RST_SENT), end.other.record.last_time_ns
    if reset is None or heard is None or not end.has(Fact.RST_ABORTS) or end.record.unacknowledged_bytes:
        return 0
    return reset.time_ns - heard


def _answers_follow(end: End) -> tuple[str, ...]:
    """Say of resets that follow the first one what they tell, where they follow."""
    reset, last = end.fact(Fact.RST_SENT), end.record.last_time_ns
    if reset is None or last is None or last <= reset.time_ns:
        return ()
    if end.has(Fact.RESET_AGAIN, Fact.SPOKE_AFTER_OWN_RST):
        return ()
    return ("its first reset alone tells of it: those that follow answer what still came",)


def _whose_fault(end: End, asked: str) -> Fault:
    if was_asked_for(end):
        return end.other.fault
    return Fault.UNDECIDED if asked or end.has(Fact.RESET_AGAIN) else end.fault


def _was_over(end: End, abort: Transition) -> bool:
    """Say whether it was closed before its first reset, by the acknowledgement of its FIN.

    Copies that the network makes look as if the reset answered that acknowledgement itself.
    """
    reset, undone = end.fact(Fact.RST_SENT), end.retracted_by(abort.frame)
    if end.has(Fact.RST_ABORTS) or reset is None:
        return False
    was_closed = undone is not None and undone.to is State.CLOSED and undone.moment < reset.moment
    return abort.moment < reset.moment or was_closed


def _answers_a_challenge(end: End) -> bool:
    """Say whether it answers the challenge that a reset in its name has drawn, and that it knows nothing of."""
    challenge, reset = end.other.fact(Fact.CHALLENGE_ACK), end.fact(_KNOWS_NOTHING)
    drawn = end.fact(Fact.RST_IN_WINDOW)
    if challenge is None or reset is None or drawn is None or end.has(Fact.RST_ABORTS):
        return False
    return drawn.moment < challenge.moment < reset.moment


def _answers_who_heard_nothing(case: Case, end: End) -> bool:
    """Say whether it answers an acknowledgement of nothing, before whatever the capture shows of the opening."""
    return case.has(Fact.MID_STREAM) and end.record.isn is None and end.has(Fact.RST_ANSWERS_HANDSHAKE_ACK)


def _may_answer_syn(end: End) -> bool:
    """Say whether its reset may answer a SYN of the other end that does not belong to the connection.

    It does not where a socket has sent it, or where it bears the number that a later segment acknowledged.
    """
    if not end.other.has(Fact.STRAY_SYN):
        return False
    stray, reset = end.other.fact(Fact.STRAY_SYN), end.fact(Fact.RST_SENT)
    if stray is None or reset is None:
        return False
    if end.has(Fact.RST_ABORTS) or reset.time_ns < stray.time_ns:
        return False
    answered_ago_ns = end.figure(Fact.RST_NO_SOCKET)
    return not answered_ago_ns or reset.time_ns - answered_ago_ns <= stray.time_ns


def _at_once(case: Case, end: End) -> str:
    """Say how long after the handshake the server reset, where that was at once, and neither had said a word."""
    if (
        end is not case.server
        or any(one.has(Fact.SENT_DATA) for one in case.ends)
        or not end.has(Fact.RST_ABORTS)
    ):
        return ""
    opened, reset = case.client.entered(State.ESTABLISHED), end.fact(Fact.RST_SENT)
    if opened is None or reset is None or case.client.is_mid_stream:
        return ""
    after = reset.time_ns - opened.time_ns
    return span(after) if 0 <= after <= SECOND else ""


def _displaced(case: Case, end: End) -> str:
    """Say that the server reset it as another connection was opened, where it does so as a rule."""
    after = case.displaced_after_ns if end is case.server and end.has(Fact.RST_ABORTS) else None
    if after is None:
        return ""
    return f" {span(after)} before, another connection to this socket had begun, as before its other resets."


def _first_to_reset(case: Case) -> End | None:
    """Return the end whose reset was captured first: the other's may but answer it."""
    ends = [end for end in case.ends if end.has(Fact.RST_SENT)]
    resets = [(reset.moment, end) for end in ends if (reset := end.fact(Fact.RST_SENT))]
    return min(resets, key=lambda one: one[0])[1] if resets else None


def _gravity(case: Case, end: End, displaced: str, *, over: bool) -> Severity | None:
    """A client that leaves without a word does no harm; one that never got a word was let down."""
    if over or shows_no_connection(case, end):
        return Severity.INFO
    if displaced:
        return Severity.WARNING
    mute = not case.client.has(Fact.SENT_DATA) and not case.server.has(Fact.SENT_DATA)
    if mute and end is case.client and end.has(Fact.RST_ABORTS):
        return Severity.INFO
    opened = case.client.entered(State.SYN_SENT) is not None and not case.has(Fact.ONE_WAY)
    failed = opened and end is case.server and not case.server.has(Fact.SENT_DATA)
    return Severity.WARNING if failed else None
