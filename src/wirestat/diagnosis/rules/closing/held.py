"""Connections of which one end has closed and the other does not: CLOSE_WAIT, and FIN_WAIT2 across from it."""

import msgspec

from wirestat.diagnosis.advice import advise, on, ss_state, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.doubts import holds_only_data
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.resets.unheard import left_by_reset
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.standstill import standstill
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Severity, Side, State
from wirestat.spans import span
from wirestat.timers import DAY, MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_SEVERAL = 3
"""So many held at one time have been forgotten; one or two may yet be answered."""
_AT_ONCE = 100
"""A close that takes one part in so many of the time for which another is held comes at once beside it."""
_NOTICED = SECOND
_MISSED = unlikely("a FIN that the capture missed", "it would have been resent or acknowledged")

_HAD_CLOSED = still_open("a FIN of its own before the capture", "the first that was captured may answer it")
_AT_ONCE_AFTER_ACK = MILLISECOND
"""An application that is told of a FIN can close as soon after the kernel has acknowledged it."""


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
    if holder.has(Fact.DATA_RESENT_UNANSWERED) and holder.record.unacknowledged_bytes > 0:
        return None  # a FIN of its own would have to wait for those data: its application may have closed
    if holds_only_data(case.analysis.summary):
        return None  # neither the FIN that would end it nor its acknowledgement could be in the capture
    if _may_have_sent_its_fin(holder) or _had_reset(holder, case):
        return None
    frames = case.evidence(holder.frame_into(State.CLOSE_WAIT), holder.frame(Fact.CLOSE_WAIT_HELD))
    if holder.state is not State.CLOSE_WAIT:
        return _closed_late(holder, frames)
    sending = holder.has(Fact.DATA_AFTER_PEER_FIN)
    asked = not sending and _owes_an_answer(holder, case)
    stop = _stop(holder, case)
    is_unseen = stop is not None and stop.is_last
    is_brief = stop is not None and stop.is_last and stop.before_ns < case.analysis.timers.close_wait_held_ns
    if stop is not None and is_brief and not _closes_others_at_once(holder, case, stop.before_ns):
        return None  # it may have closed in good time, out of sight
    is_past = is_unseen or _was_lost_sight_of(case)
    is_second = not sending and _may_have_closed_first(holder)
    return Verdict(
        severity=Severity.INFO if sending else Severity.NOTE if asked or is_second else None,
        kind="asked" if asked else "brief" if is_brief else "either first" if is_second else "",
        weak=is_brief or is_second,
        grounds=(
            being(holder, State.CLOSE_WAIT),
            showing(holder, Fact.CLOSE_WAIT_HELD),
            showing(holder.other, Fact.FIN_SENT),
        ),
        doubts=("it still sent data, so the half-close may be meant",)
        if sending
        else ("it may still be at work on what it was asked right before the FIN",)
        if asked
        else ("it may have closed out of sight, though it closes others at once",)
        if is_brief
        else (),
        fault=holder.fault,
        frames=frames,
        explanation=f"{holder} {_held(holder, case, stop)}: {holder.other} closed, and the {holder.side}'s "
        f"application {'had' if is_past else 'has'} not.",
        rivals=(
            still_open("a half-close that is meant", "it still sends")
            if sending
            else still_open(
                "a half-close that is meant",
                "the last request came right before the FIN, unanswered yet",
            )
            if asked
            else ruled_out("a half-close that is meant", "it sends nothing"),
            *(() if is_unseen else (_HAD_CLOSED if is_second else _MISSED,)),
        ),
        advice=advise(
            "Find the process and where it does not close() the socket after the other end has finished.",
            ss_state(holder, "close-wait"),
            on(holder, f"lsof -nP -iTCP:{holder.port} -sTCP:CLOSE_WAIT"),
        ),
    )


def _may_have_sent_its_fin(holder: End) -> bool:
    """Say whether the numbers of its own FIN may be those that do not fit."""
    if State.LAST_ACK not in holder.record.or_since:
        return False
    # A FIN that acknowledges what was not captured is set aside; the other end acknowledges it all the same.
    is_taken = holder.has(Fact.ACK_BEYOND) and holder.record.unseen_bytes > 0
    return is_taken or holder.other.has(Fact.ACK_TOO_OLD, Fact.ACK_BEYOND)


def _had_reset(holder: End, case: Case) -> bool:
    """Say whether it ended the connection in good time by a reset, whatever the other end made of that."""
    since, reset = holder.entered(State.CLOSE_WAIT), left_by_reset(holder)
    if since is None or reset is None:
        return False
    return 0 <= reset.time_ns - since.time_ns < case.analysis.timers.close_wait_held_ns


def _may_have_closed_first(holder: End) -> bool:
    """Say whether the other end begins with a bare ACK and at once its FIN, as an answer to a FIN would."""
    closer, closed = holder.other.record, holder.other.fact(Fact.FIN_SENT)
    heard, began = holder.record.first_time_ns, closer.first_time_ns
    if not holder.is_mid_stream or closed is None or heard is None or began is None or closer.bytes:
        return False
    return closer.frames > 1 and closed.time_ns - began <= _AT_ONCE_AFTER_ACK and heard >= closed.time_ns


def _owes_an_answer(holder: End, case: Case) -> bool:
    """Say whether the client asked and closed its direction at once, as some do that read the answer until its end.

    A server that holds several at a time has forgotten them.
    """
    waits = case.listener.close_waits if case.listener else None
    if waits and waits.peak >= _SEVERAL:
        return False
    client, closed = holder.other, holder.other.fact(Fact.FIN_SENT)
    if client.side is not Side.CLIENT or client.record.turns <= holder.record.turns or closed is None:
        return False
    return not client.has(Fact.FIN_AFTER_IDLE, Fact.WORDS_UNANSWERED)


class _Stop(msgspec.Struct, frozen=True):
    """A standstill of the capture, for part of which an end was in CLOSE_WAIT."""

    length_ns: int
    before_ns: int
    """For how long the end was in CLOSE_WAIT before it, in ns."""
    within_ns: int
    """For how long of it the end was, in ns."""
    is_last: bool
    """The capture holds nothing of the connection from then on."""


def _stop(holder: End, case: Case) -> _Stop | None:
    """Return the standstill that ended after the end had entered CLOSE_WAIT."""
    still, since = standstill(case.analysis), holder.record.since_ns
    if still is None or since is None or still.until_ns <= since:
        return None
    return _Stop(
        length_ns=still.length_ns,
        before_ns=still.from_ns - since,
        within_ns=min(still.until_ns, case.now_ns) - max(still.from_ns, since),
        is_last=since < still.from_ns and case.connection.last_time_ns <= still.from_ns,
    )


def _held(holder: End, case: Case, stop: _Stop | None) -> str:
    """Say for how long it is in CLOSE_WAIT, or that nobody knows what became of it."""
    if _was_lost_sight_of(case):
        unseen = span(case.now_ns - case.connection.last_time_ns)
        return f"was in CLOSE_WAIT when it was last seen, {unseen} before the capture ends"
    if stop is None:
        return f"has been in CLOSE_WAIT for {holder.held}"
    if stop.is_last:
        unseen = f"when the capture stopped for {span(stop.length_ns)}, and nothing of it came after that"
        return f"was in CLOSE_WAIT, for at least {span(stop.before_ns)}, {unseen}"
    shown = max(holder.held_ns - stop.within_ns, 0)
    return f"has been in CLOSE_WAIT for {holder.held}, of which the capture shows {span(shown)}"


def _was_lost_sight_of(case: Case) -> bool:
    """Say whether the capture ends so long after its last segment that it may be one of several files."""
    return case.now_ns - case.connection.last_time_ns > DAY


def _closes_others_at_once(holder: End, case: Case, seen: int) -> bool:
    """Say whether a server closed several others in next to no time, beside that for which it was seen to hold this
    one, in ns."""
    delays = case.of_socket(_delays_of_closing)
    return (
        holder.side is Side.SERVER
        and len(delays) >= _SEVERAL
        and seen >= _NOTICED
        and delays[-1] * _AT_ONCE <= seen
    )


def _delays_of_closing(connections: list[Connection]) -> list[int]:
    """Return how long a server took to close what its client had closed, in order, in ns."""
    return sorted(
        own.time_ns - asked.time_ns
        for one in connections
        if (asked := sighting(one, Fact.FIN_SENT, Side.CLIENT)) is not None
        and (own := sighting(one, Fact.FIN_SENT, Side.SERVER)) is not None
        and own.time_ns > asked.time_ns
    )


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
    if holds_only_data(case.analysis.summary):
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
        frames=case.evidence(waiter.frame_into(State.FIN_WAIT2), waiter.frame(Fact.FIN_WAIT2_HELD)),
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
