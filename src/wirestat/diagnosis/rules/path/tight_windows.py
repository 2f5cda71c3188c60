"""Windows that are shut time and again, or never hold a whole segment: D23 without a long stall."""

from wirestat.diagnosis.advice import advise, nstat, ss_this, sysctl
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Severity
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_LONG = 10 * SECOND
"""A window that was shut for less in all made the sender wait, and no more."""
_GOOD_PART = 5
"""Shut for one part in so many of its life, a window is what holds the connection up."""


def often_shut(case: Case) -> Verdict | None:
    """Judge a window that was shut again and again, for a good part of the connection's life."""
    end = next((end for end in case.ends if end.has(Fact.ZERO_WINDOW_OFTEN)), None)
    if end is None:
        return None
    in_all = end.figure(Fact.ZERO_WINDOW_OFTEN) or 0
    whole = case.connection.last_time_ns - case.connection.first_time_ns
    if in_all * _GOOD_PART < whole:
        return None
    least = "at least " if end.record.window == 0 else ""  # the last time is not over
    return Verdict(
        severity=Severity.NOTE if in_all < _LONG else None,
        grounds=(
            showing(end, Fact.ZERO_WINDOW, Fact.ZERO_WINDOW_OFTEN),
            showing(end.other, Fact.WINDOW_PROBE_SENT),
        ),
        doubts=("it opened its window again: whether it is slow or meant to be, the wire does not tell",),
        fault=end.fault,
        frames=case.evidence(
            end.frame(Fact.ZERO_WINDOW),
            end.other.frame(Fact.WINDOW_PROBE_SENT),
            end.frame(Fact.ZERO_WINDOW_OFTEN),
        ),
        explanation=f"{end} had its receive window shut for {least}{span(in_all)} of {span(whole)} in all: its "
        f"application reads more slowly than {end.other} sends, or stood still meanwhile.",
        rivals=(
            ruled_out("a slow network", "the sender was told to wait"),
            ruled_out("a slow sender", "it had data to send, and was not allowed to"),
            cause("a receiver that reads at its own pace, as it is meant to: a player, a printer"),
        ),
        advice=advise(
            "See what the receiving application does between reads; a larger buffer only helps for a while.",
            ss_this(end),
            nstat(end, "TcpExtTCPToZeroWindowAdv", "TcpExtTCPFromZeroWindowAdv", "TcpExtTCPRcvCollapsed"),
            sysctl(end, "net.ipv4.tcp_rmem"),
        ),
    )


def opened_by_little(case: Case) -> Verdict | None:
    """Judge a window that was zero again and again, and opened by a few bytes each time: a silly window."""
    end = next((end for end in case.ends if end.has(Fact.OPENED_BY_LITTLE)), None)
    if end is None or end.has(Fact.WINDOW_COLLAPSED, Fact.WINDOW_READ_SMALL):
        return None  # or it tells of more than it seems, and lost the scale on the way (D55)
    sender, often = end.other, end.figure(Fact.OPENED_BY_LITTLE) or 0
    return Verdict(
        severity=Severity.NOTE,
        kind="by little",
        grounds=(showing(end, Fact.ZERO_WINDOW, Fact.OPENED_BY_LITTLE),),
        doubts=("a buffer that never holds a whole segment cannot open by more",),
        fault=end.fault,
        frames=case.evidence(end.frame(Fact.ZERO_WINDOW), end.frame(Fact.OPENED_BY_LITTLE)),
        explanation=f"{end} had its receive window at zero and opened it by less than a segment, {often} times: it "
        f"tells of a few bytes as soon as it has read them, it seems, and {sender} may send tiny segments only "
        "(silly window syndrome). A receiver should wait until a segment fits (RFC 9293, 3.8.6.2.2).",
        rivals=(
            cause("a stack that does not avoid silly windows"),
            cause("an application that reads a few bytes at a time, and more slowly than the sender sends"),
            ruled_out("a slow network", "the sender was told to wait"),
        ),
        advice=advise(
            "Have the application read more at a time, and the stack tell of room once a segment fits, or half of "
            "the buffer (lwIP: TCP_WND_UPDATE_THRESHOLD).",
            ss_this(end),
            sysctl(end, "net.ipv4.tcp_rmem"),
        ),
    )


def taken_back(case: Case) -> Verdict | None:
    """Judge a window whose right edge moved back again and again, behind data that it had let the sender send."""
    end = next((end for end in case.ends if end.has(Fact.WINDOW_TAKEN_BACK)), None)
    if end is None or end.has(Fact.WINDOW_COLLAPSED, Fact.WINDOW_READ_SMALL):
        return None  # or it tells of more than it seems, and lost the scale on the way (D55)
    sender, often = end.other, end.figure(Fact.WINDOW_TAKEN_BACK) or 1
    resent = sender.record.retransmitted_frames
    again = f" {sender.subject} had to send {some(resent, 'segment')} again." if resent else ""
    return Verdict(
        severity=None if resent >= often else Severity.NOTE,
        kind="taken back",
        grounds=(showing(end, Fact.WINDOW_TAKEN_BACK), showing(sender, Fact.DATA_RESENT)),
        doubts=("acknowledgements that changed places on the way would look the same, now and then",),
        fault=end.fault,
        frames=case.evidence(end.frame(Fact.WINDOW_TAKEN_BACK), sender.frame(Fact.DATA_RESENT)),
        explanation=f"{end} took back room in its receive window {times(often)}: it told of less than {sender} had "
        f"under way by then, as the window before allowed. Data beyond a window are thrown away.{again} A receiver "
        "should not shrink its window (RFC 9293, 3.8.6).",
        rivals=(
            cause(
                "a stack that tells of the room in its buffer at the moment, whatever it has told of before"
            ),
            cause(
                "memory that runs out, or that others take (net.ipv4.tcp_shrink_window, a shared pool of buffers)"
            ),
            cause("a device on the way that changes windows to slow a sender down"),
            unlikely("loss on the way", "what is lost lies beyond the window that was told of"),
        ),
        advice=advise(
            "Have the receiver move the right edge of its window forward only: tell of room that it keeps.",
            ss_this(end),
            nstat(end, "TcpExtTCPZeroWindowDrop", "TcpExtTCPRcvQDrop", "TcpExtPruneCalled"),
        ),
    )


def too_small(case: Case) -> Verdict | None:
    """Judge a window that holds less than a segment time and again, and opens only when that little is filled."""
    sender = next((end for end in case.ends if end.has(Fact.WAITED_FOR_WINDOW)), None)
    if sender is None:
        return None
    end, waited = sender.other, sender.figure(Fact.WAITED_FOR_WINDOW) or 0
    if end.has(Fact.WINDOW_COLLAPSED, Fact.WINDOW_READ_SMALL):
        return None  # it told of more, and lost the scale on the way (D55)
    return Verdict(
        severity=Severity.NOTE,
        kind="too small",
        grounds=(showing(sender, Fact.WAITED_FOR_WINDOW),),
        doubts=(
            "whether the sender had more to say does not show: it filled the window to the last byte each time",
        ),
        fault=end.fault,
        frames=case.evidence(case.connection.first_frame, sender.frame(Fact.WAITED_FOR_WINDOW)),
        explanation=f"{end} left less room in its receive window than a segment takes, and did not tell when there "
        f"was more: {sender} waited {span(waited)} in all, each time until its timer made it send the few bytes that "
        "fit.",
        rivals=(
            cause("a stack that tells of room only when its window was zero, or a buffer of a few segments"),
            cause("an application that reads more slowly than the sender sends"),
            unlikely("messages of that size by chance", "each filled the window exactly"),
        ),
        advice=advise(
            "Give the receiver a buffer of many segments, and have its stack tell of room once a segment fits "
            "(RFC 9293, 3.8.6.2.2; lwIP: TCP_WND, TCP_WND_UPDATE_THRESHOLD).",
            ss_this(end),
            sysctl(end, "net.ipv4.tcp_rmem"),
        ),
    )
