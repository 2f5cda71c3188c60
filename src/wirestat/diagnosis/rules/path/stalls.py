"""Data that come again and again for seconds, and then all goes on."""

from bisect import bisect_left

from wirestat.diagnosis.advice import advise, nstat, on, ss_this, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open
from wirestat.diagnosis.rules.opening.kept_out import FIRST_COPY, full_queue, kept_out_ns
from wirestat.diagnosis.rules.path.held_copies import bunched
from wirestat.diagnosis.rules.path.late_copies import late_copies
from wirestat.diagnosis.rules.path.longer_waits import longer_waits
from wirestat.diagnosis.rules.path.urgent_data import may_be_dropped_as_urgent, was_urgent
from wirestat.diagnosis.rules.silence.given_up import given_up_too_soon
from wirestat.diagnosis.rules.silence.in_vain import goes_on_after_a_close, was_taken_in_the_end
from wirestat.diagnosis.rules.silence.meanwhile import (
    CHANCE,
    STALLS,
    TOLD_ELSEWHERE,
    TOOK_NOTHING,
    WHICH_WAY,
    Stall,
    ask_both,
    meanwhile,
    opened_within,
    what_stood,
)
from wirestat.diagnosis.study.counts import count_retried
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 2
"""So many others that stand at the same moment make a brief stall no chance loss."""
_ONE_MOMENT = SECOND
"""Stalls that end so close together have one cause: the copies of each come at times of their own."""
_ONE_ALONE = " Octets sent behind those were reported as received (SACK): these alone were not taken."
_WHY_ONE = (
    cause(
        "a checksum that is spoilt behind the tap",
        "by what the segment holds: a card, a translation, a cable",
    ),
    cause("a filter that drops it for what it holds"),
)
_SOON = SECOND
"""A first copy comes no later than this, as a rule."""
_MINUTE = 60 * SECOND
"""A stall of so long is no matter of a moment."""


@rule("D56", "Stalled for a while", Severity.NOTE, rests_on={Basis.SILENCE, Basis.REPEATS, Basis.TIMES})
def stalled(case: Case) -> Verdict | None:
    """An end sent the same data again and again for seconds, and then the other answered, or closed without them.

    What it means: for that time nothing got through in one direction or the other, or the receiver did not look:
    a radio link, a modem or a tunnel that was down, a route that changed, a host or a board that slept. The
    connection survives it, as the sender tries for a quarter of an hour; a program with less patience closes. A
    second is told of where several connections between two hosts stand at one moment. Where copies come all at once,
    closer together than any timer sends them, they were held up on the way (a tunnel over TCP), and nothing was lost.
    A timer that waits longer from loss to loss, though all is acknowledged in between, is a mistake of its stack.
    A first copy that comes ten seconds after the data or later is told of as well.

    Why it matters: users see a program that hangs for some seconds and goes on, and no log holds an error.

    Rivals: a device that drops what some connections say: then others to the same host are opened meanwhile. A
    receiver whose window is shut answers all the same (D23). Segments that are too large come through in
    no time, or smaller (D24). Where nothing is answered any more, it is D09.

    What to do: capture at the other end. If the copies arrive there, it is the receiver or the way back; if they do
    not, it is the way.

    See it: ``wirestat pcaps/field/board-listens-only-when-its-client-leaves/capture.pcap``: three stalls of 4.5 s.

    RFC 9293: 3.8.1 (retransmission time-out); RFC 6298, 5.5 (it doubles).
    """
    end = next((end for fact in STALLS for end in case.ends if end.has(fact)), None)
    if end is None:
        told = (told for end in case.ends if (told := given_up_too_soon(case, end)))
        return next(told, None) or bunched(case) or longer_waits(case) or late_copies(case)
    if case.has(Fact.ONE_WAY, Fact.FRAMES_MISSING) or end.has(*TOLD_ELSEWHERE):
        return None
    over, waited = end.fact(*STALLS), end.other.has(Fact.ZERO_WINDOW, Fact.SYN_ACK_RESENT_AFTER_ACK)
    if over is None or waited or (end is case.client and kept_out_ns(case)):
        return None  # it was told to wait (D23), or was not let in yet (D05), though no SYN-ACK came again
    is_brief = over.fact is Fact.STALLED_BRIEFLY
    others = _stalled_as_well(case, over.time_ns) if is_brief else 0
    if is_brief and others < _SEVERAL:
        return None  # loss of a few segments looks the same
    took = over.figure or 0
    stall = Stall(over.time_ns - took, over.time_ns)
    closed = _closed_at(end.other, over.frame)
    if closed and goes_on_after_a_close(end):
        return None  # nobody takes them, before the close and after it (D09)
    left = not closed and _left_within(end, stall)
    let_in, elsewhere = opened_within(case, stall)
    one_alone = _took_what_followed(end, stall)
    arrives = case.tap is end.other.side
    return Verdict(
        severity=Severity.WARNING if closed or left or took >= _MINUTE else None,
        grounds=(showing(end, *STALLS, Fact.DATA_RESENT),),
        doubts=("a packet filter of that host may drop them behind the tap" if arrives else WHICH_WAY,),
        fault=end.other.fault if arrives else Fault.UNDECIDED,
        measure=took,
        frames=case.evidence(_first_copy(end, stall), over.frame),
        explanation=f"{end} sent the same data again and again for {span(took)}, until {end.other} "
        + _how_it_ended(end, closed=closed, left=left)
        + (f" {some(others, 'other')} between these hosts stood at that moment as well." if others else "")
        + (_ONE_ALONE if one_alone else "")
        + meanwhile(case, let_in, elsewhere)
        + was_urgent(end)
        + (f" The tap is at {end.other.address}: the copies arrive there." if arrives else ""),
        rivals=(
            *may_be_dropped_as_urgent(end),
            *(_WHY_ONE if one_alone else ()),
            *(_what_ignored(end) if arrives else what_stood(end, let_in, elsewhere)),
            *_queue(case, end, stall),
            ruled_out("the answers were lost on their way back", "none left")
            if arrives
            else still_open("the answers were lost on their way back", "capture at the other end"),
            CHANCE,
        ),
        advice=_ask_the_host(end.other) if arrives else ask_both(end),
    )


def _what_ignored(end: End) -> tuple[Rival, ...]:
    """Name what makes a host take nothing of what arrives at it."""
    return (
        *TOOK_NOTHING,
        ruled_out("the way was down", f"the copies arrive at {end.other.address}"),
    )


def _ask_the_host(end: End) -> str:
    """Advise to look at a host that took nothing."""
    return advise(
        f"See what {end.address} did at that time: its memory for sockets, its packet filter, its log.",
        nstat(end, "TcpExtTCPRcvQDrop", "TcpExtPruneCalled", "TcpExtRcvPruned", "TcpInErrs"),
        sysctl(end, "net.ipv4.tcp_mem"),
        on(end, "cat /proc/net/sockstat"),
        ss_this(end),
    )


def _took_what_followed(end: End, stall: Stall) -> bool:
    """Say whether the other end reported octets beyond those that came again, as large as a segment holds."""
    got = end.other.fact(Fact.GOT_LARGE)
    return got is not None and stall.from_ns - _SOON <= got.time_ns <= stall.until_ns


def _stalled_as_well(case: Case, until_ns: int) -> int:
    """Count the other connections between the same hosts whose stall ended at about that time."""
    times = case.between_hosts(_stalls_over)
    near = times[
        bisect_left(times, (until_ns - _ONE_MOMENT, 0)) : bisect_left(times, (until_ns + _ONE_MOMENT + 1, 0))
    ]
    return len({id for _, id in near} - {case.connection.id})


def _stalls_over(connections: list[Connection]) -> list[tuple[int, int]]:
    """Return when stalls ended, in order, in Unix ns, and on which connections."""
    return sorted((seen.time_ns, one.id) for one in connections for seen in one.facts if seen.fact in STALLS)


def _first_copy(end: End, stall: Stall) -> int | None:
    """Return the frame of the first copy, where that is known to belong to this stall."""
    again = end.fact(Fact.DATA_RESENT)
    return again.frame if again is not None and again.time_ns >= stall.from_ns - MILLISECOND else None


def _how_it_ended(end: End, *, closed: bool, left: bool) -> str:
    if closed:
        return "closed without having acknowledged them."
    return (
        f"acknowledged them; by then {end} had given up and closed."
        if left
        else "acknowledged them: then it went on."
    )


def _left_within(end: End, stall: Stall) -> bool:
    """Say whether an end closed while it waited for its data to be acknowledged."""
    left = end.fact(Fact.FIN_SENT)
    return left is not None and stall.from_ns < left.time_ns < stall.until_ns


def _queue(case: Case, end: End, stall: Stall) -> tuple[Rival, ...]:
    """Name the accept queue, where first words may have waited for a place in it."""
    if not _may_wait_to_be_accepted(case, end, stall):
        return ()
    if not case.of_socket(count_retried):
        return (full_queue(case),)
    return (cause("an accept queue that was full", "other connects to this socket needed more than one SYN"),)


def _may_wait_to_be_accepted(case: Case, end: End, stall: Stall) -> bool:
    """Say whether the first words of a client may have waited for a place in the queue that others waited for."""
    opened, again = end.entered(State.ESTABLISHED), end.fact(Fact.DATA_RESENT)
    answered = case.connection.first_byte_ns
    if end is not case.client or opened is None or stall.from_ns - opened.time_ns > FIRST_COPY:
        return False
    said_once = end.record.turns == 1 and end.other.record.turns <= 1
    if said_once and again is not None and stall.from_ns <= again.time_ns + MILLISECOND:
        return True  # all that it said was sent again, and the server had said nothing since its SYN-ACK
    if answered is not None and opened.time_ns + answered < stall.from_ns:
        return False
    return case.of_socket(count_retried) > 0


def _closed_at(end: End, frame: int) -> bool:
    """Say whether an end sent its FIN in this very frame, and acknowledges less than it was sent."""
    leaves_some = end.other.record.unacknowledged_bytes > 0 and not was_taken_in_the_end(end.other)
    return end.frame(Fact.FIN_SENT) == frame and leaves_some
