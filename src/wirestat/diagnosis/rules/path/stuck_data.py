"""An established connection that does not get its data across."""

from collections import Counter

from wirestat.diagnosis.advice import advise, capture_at, nstat, on, ss_this, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.path import shut_windows, tight_windows
from wirestat.diagnosis.rules.path.icmp_complaints import reporter
from wirestat.diagnosis.rules.path.too_large import (
    LARGE,
    OPTIONS,
    TCP_BEYOND_ECHO,
    found_by_probing,
    lost_before_the_tap,
)
from wirestat.diagnosis.rules.path.wrong_checksums import is_not_for_its_size
from wirestat.diagnosis.rules.resets.unheard import left_by_reset
from wirestat.diagnosis.rules.silence.in_vain import copied_at_a_time, heard_after_copies
from wirestat.diagnosis.study.losses import TRANSFER
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Endpoint, Fault, Severity, Side, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_USUAL_MSS = 1460
_MOST_OF_A_SEGMENT = 0.75
"""An end whose frames hold so much of a full segment on average sends full ones, beside its bare ACKs and ends."""
_TOLD_TWICE = 2
"""One copy may have left before the sender was told; a kernel that is told makes the next one smaller."""
_TOLD_BY_ITSELF = (
    "; the ICMP messages that call them too big come from {0} itself and go to {0}: that gateway translates (NAT) "
    "before it finds that they do not fit, and so tells itself. Who sent them behind it is never told."
)
_SOME_SECONDS = 2 * SECOND
"""A window that opened sooner, or a probe that was answered, need not be in the capture yet."""


@rule("D23", "Zero-window stall", Severity.WARNING, rests_on={Basis.TIMES}, replaces={"D09"})
def zero_window_stall(case: Case) -> Verdict | None:
    """A receiver kept its window shut, so the sender may not send.

    What it means: the receive buffer is full and the application does not read. The sender probes the window and is
    told each time that it is still zero. No loss is involved: the network is fine. A window that is never zero, but
    holds less than a segment, does the same where the receiver does not tell of more room: the sender waits for its
    timer. One that opens by a few bytes each time, as soon as those are read, makes for tiny segments (silly window).
    One whose right edge moves back leaves out data that are under way already: those are thrown away.

    Why it matters: the transfer stands still. A sender that closes meanwhile is in FIN_WAIT1 with a FIN that has not
    left yet.

    Rivals: a dead end (D09) answers no probe: where none was answered, that stays open. A capture without the SYN,
    where a window that looks like zero or tiny may be scaled: zero stays zero at any scale.

    What to do: profile the receiving application: what does it do instead of reading?

    See it: ``wirestat pcaps/zero-window-stall/client.pcap``: the server's application does not read.

    RFC 9293: 3.8.6.1 (zero-window probing); RFC 1122, 4.2.2.17.
    """
    held_shut = (end for end in case.ends if end.has(Fact.ZERO_WINDOW_HELD) and not _is_past_the_end(end))
    end = next(held_shut, None) or _still_shut(case)
    if end is None:
        return (
            tight_windows.taken_back(case)
            or tight_windows.opened_by_little(case)
            or tight_windows.often_shut(case)
            or tight_windows.too_small(case)
            or shut_windows.among_many(case)
        )
    if shut_windows.holds_nobody_up(end):
        return shut_windows.told_of_none(case, end)
    held = end.figure(Fact.ZERO_WINDOW_HELD) or _shut_for(case, end)
    shut_as_well = _shut_as_well(end.other)
    probed, gone = _has_asked(end), _is_silent_since_probed(case, end)
    return Verdict(
        severity=None if end.has(Fact.ZERO_WINDOW_HELD) else Severity.NOTE,
        grounds=(
            showing(end, Fact.ZERO_WINDOW, Fact.ZERO_WINDOW_HELD),
            showing(end.other, Fact.WINDOW_PROBE_SENT),
        ),
        doubts=(
            *(() if probed and not gone else (_unprobed(end),)),
            *(() if end.has(Fact.ZERO_WINDOW_HELD) else ("it may have opened its window in between",)),
        ),
        fault=Fault.UNDECIDED if shut_as_well or gone else end.fault,
        frames=case.evidence(
            end.frame(Fact.ZERO_WINDOW),
            end.other.frame(Fact.WINDOW_PROBE_SENT),
            end.frame(Fact.ZERO_WINDOW_HELD),
        ),
        explanation=_gone_in_words(end, held)
        if gone
        else f"{end} {_shut_in_words(end, held)}: its application does not read, or its stack does not tell "
        f"of the room, and {end.other} has to wait.{shut_as_well}",
        rivals=(
            still_open("a dead end (D09)", "no probe was answered")
            if gone
            else ruled_out("a dead end (D09)", "it answers")
            if probed
            else still_open("a dead end (D09)", "the capture holds no probe"),
            ruled_out("loss", "the sender was told to wait"),
        ),
        advice=advise(
            "See whether that host lives, and whether the probes arrive there; then what its application does."
            if gone
            else "Have one of both programs read while it writes."
            if shut_as_well
            else "See what the receiving application does instead of reading.",
            ss_this(end),
            nstat(end, "TcpExtTCPToZeroWindowAdv", "TcpExtTCPFromZeroWindowAdv", "TcpExtTCPRcvCollapsed"),
            sysctl(end, "net.ipv4.tcp_rmem"),
        ),
    )


def _has_asked(end: End) -> bool:
    """Say whether the other end has probed its window, or sent what it told of no room for."""
    return end.other.has(Fact.WINDOW_PROBE_SENT) or shut_windows.takes_nothing(end, _SOME_SECONDS)


def _shut_in_words(end: End, held: int) -> str:
    """Say how long its window has been zero; without a figure, when that began and that it is so in the end."""
    if end.has(Fact.ZERO_WINDOW_HELD):
        return f"kept its receive window at zero{f' for {span(held)}' if held else ''}"
    return f"has a receive window of zero in the end, as it had for the first time {span(held)} before"


def _is_silent_since_probed(case: Case, end: End) -> bool:
    """Say whether an end that shut its window answered no probe, though it had time: each calls for an answer."""
    probed, heard = end.other.fact(Fact.WINDOW_PROBE_SENT), end.record.last_time_ns
    if probed is None or heard is None or case.now_ns - probed.time_ns < _SOME_SECONDS:
        return False
    return heard < probed.time_ns


def _gone_in_words(end: End, held: int) -> str:
    """Say that an end shut its window and was not heard any more, though it was probed."""
    return (
        f"{end} shut its receive window, and has not been heard in the {span(held)} since, though {end.other} probed "
        "it: its application did not read, it seems, and then the host died, or the way to it or back."
    )


def _shut_as_well(other: End) -> str:
    """Say that the other end's window is zero as well, where it is: a deadlock."""
    if not other.has(Fact.ZERO_WINDOW_HELD) and (other.record.window != 0 or not other.has(Fact.ZERO_WINDOW)):
        return ""
    return (
        f" {other.subject} keeps its window at zero as well: each writes and waits until the other reads (a deadlock "
        "of programs that send much before they read, as pipelines do)."
    )


def _is_past_the_end(end: End) -> bool:
    """Say whether it shut its window only when the other end had closed or reset, and had nothing more to send."""
    shut, closed = end.fact(Fact.ZERO_WINDOW), end.other.fact(Fact.FIN_SENT) or left_by_reset(end.other)
    return shut is not None and closed is not None and closed.moment <= shut.moment


def _unprobed(end: End) -> str:
    """Say what speaks against a stall where no probe was answered, or none was sent."""
    shut, spoke = end.fact(Fact.ZERO_WINDOW), end.other.record.last_time_ns
    if shut is not None and spoke is not None and spoke > shut.time_ns:
        return "none of what the sender sent since was answered: a dead end (D09) would look the same"
    return "the sender sent no probe, or the capture lacks it"


def _still_shut(case: Case) -> End | None:
    """Find an end whose window has been shut for some seconds, asked for, and was so when the capture ended."""
    for end in case.ends:
        if end.has(Fact.ZERO_WINDOW_OFTEN) or not end.has(Fact.ZERO_WINDOW):
            continue  # or it was opened in between
        if end.record.window != 0 or _shut_for(case, end) < _SOME_SECONDS or _is_past_the_end(end):
            continue
        if _has_asked(end):
            return end
    return None


def _shut_for(case: Case, end: End) -> int:
    shut = end.fact(Fact.ZERO_WINDOW)
    return 0 if shut is None else case.connection.last_time_ns - shut.time_ns


@rule("D24", "MTU black hole", Severity.ERROR, rests_on={Basis.SILENCE, Basis.REPEATS}, replaces={"D09"})
def mtu_black_hole(case: Case) -> Verdict | None:
    """Small segments get through and full-sized ones do not.

    What it means: somewhere on the way the largest packet is smaller than the ends believe, and the ICMP message
    that should say so is filtered. The handshake and small requests work; the first large response hangs.
    Some senders try smaller segments after some copies, and go on with those.

    Why it matters: it looks as if the application hung, and it strikes only those behind that link (tunnels, VPNs,
    PPPoE).

    Rivals: plain loss, which hits small segments as well. A dead end (D09), which acknowledges nothing at all. Where
    the receiver reports that it has a full segment's worth beyond what is sent again (SACK), size is not why (D45).

    What to do: let ICMP "fragmentation needed" (IPv6: "packet too big") through, clamp the MSS at the tunnel, or
    turn on packetisation-layer path MTU discovery at the sender.

    See it: ``wirestat pcaps/mtu-black-hole/server.pcap``: what is larger than 1200 bytes vanishes.

    RFC 9293: 3.7.2 (path MTU discovery); RFC 2923, 2.1 (black holes); RFC 4821, RFC 8899.
    """
    heedless = next((end for end in case.ends if ignores_the_mss(end)), None)
    if heedless is not None:
        return _heedless(case, heedless)
    end = next(
        (
            end
            for end in case.ends
            if end.has(Fact.FULL_SIZE_RESENT_ONLY) or _was_told_in_vain(end) or _lacks_large_ones(end)
        ),
        None,
    )
    if end is not None and end.has(Fact.RESENT_SMALLER) and not end.record.unacknowledged_bytes:
        return found_by_probing(case, end)
    swallowed = next((end for end in case.ends if end.has(Fact.HOLE_NOT_FILLED)), None)
    if swallowed is None and case.client.has(Fact.WORDS_UNANSWERED) and case.server.unseen_answer:
        swallowed = case.server
    if end is None and swallowed is not None:
        return lost_before_the_tap(case, swallowed)
    if end is None or not _only_large_ones_are_lost(end) or _have_passed(case, end):
        return None
    if is_not_for_its_size(end) or _is_shut(end.other):
        return None  # D45, or it was told to wait (D23)
    told, passed = end.has(Fact.ICMP_TOO_BIG), _has_smaller_through(end)
    by_itself = told and reporter(end.figure(Fact.ICMP_TOO_BIG)) == end.address
    largest = _largest(end)
    size = f"segments of up to {largest} bytes"
    version = 6 if ":" in end.address else 4
    ping = (_segment(end) if end.has(Fact.FULL_SIZE_RESENT_ONLY) else largest) + TCP_BEYOND_ECHO
    return Verdict(
        grounds=(showing(end, Fact.DATA_RESENT, Fact.FULL_SIZE_RESENT_ONLY, Fact.DATA_RESENT_UNANSWERED),),
        weak=not told and not (passed and _are_full(end)),
        doubts=("the ICMP message may not have reached it",)
        if told and not by_itself
        else ("a run of losses that spared the small segments would look the same",)
        if passed
        else ("nothing smaller was sent since, so a path that died would look the same",),
        fault=end.fault if told and not by_itself else Fault.PATH,
        frames=case.evidence(
            end.frame(Fact.DATA_RESENT),
            end.frame(Fact.FULL_SIZE_RESENT_ONLY),
            end.frame(Fact.ICMP_TOO_BIG),
            case.connection.last_frame,
        ),
        explanation=f"{end} resends {size} in vain, while smaller ones get through to {end.other}"
        + _who_told(end, told=told, by_itself=by_itself)
        + _beside(case, end),
        rivals=(
            unlikely("plain loss", "small segments are not lost"),
            ruled_out("a dead end (D09)", "it acknowledges the small ones")
            if passed
            else still_open("a dead end (D09)"),
        ),
        advice=advise(
            "Find the largest packet that passes, then clamp the MSS or let ICMP through.",
            on(end, f"ping -{version} -M do -s {ping} -c 3 {end.other.address}"),
            on(end, f"tracepath -n {end.other.address}"),
            sysctl(end, "net.ipv4.tcp_mtu_probing"),
            capture_at(end.other),
        ),
    )


def _who_told(end: End, *, told: bool, by_itself: bool) -> str:
    """Say whether an ICMP message told a sender that its segments are too big."""
    if by_itself:
        return _TOLD_BY_ITSELF.format(end.address)
    if told:
        return "; an ICMP message told it that they are too big, and it sends them as large as before."
    return ", and no ICMP message says why."


def _beside(case: Case, end: End) -> str:
    """Tell of transfers between the same hosts whose large segments arrive: not every way is narrow."""
    sound = case.of_socket(_transfers)[case.client.address, end.side]
    if not sound:
        return ""
    return (
        f" {some(sound, 'other transfer')} between these hosts got large segments through, by another of several "
        "ways (equal costs, a bundle), or before or after the way changed."
    )


def _transfers(connections: list[Connection]) -> Counter[tuple[str, Side]]:
    """Count transfers of large segments that lost none, by the client's address and the sender."""
    return Counter(
        (one.client.address, side)
        for one in connections
        for side, end in ((Side.CLIENT, one.client), (Side.SERVER, one.server))
        if end.bytes >= TRANSFER and not end.unacknowledged_bytes and _are_large(one, end)
    )


def _are_large(one: Connection, end: Endpoint) -> bool:
    """Say whether the frames of an end hold most of a full segment on average."""
    full = min(one.client.mss or 0, one.server.mss or 0)
    return full > 0 and end.bytes >= end.frames * full * _MOST_OF_A_SEGMENT


def _was_told_in_vain(end: End) -> bool:
    """Say whether ICMP told it that a segment is too big, and it sends large ones again and again all the same."""
    if not end.has(Fact.ICMP_TOO_BIG) or copied_at_a_time(end) < LARGE:
        return False
    told, again = end.fact(Fact.ICMP_TOO_BIG), end.fact(Fact.DATA_RESENT)
    heeds_nothing = told is not None and again is not None and told.moment < again.moment
    often = (
        heeds_nothing
        and end.record.retransmitted_frames >= _TOLD_TWICE
        and end.record.unacknowledged_bytes > 0
    )
    return often or end.has(Fact.DATA_RESENT_UNANSWERED)


def _lacks_large_ones(end: End) -> bool:
    """Say whether large segments were sent often, and the other end spoke on without them."""
    lives = heard_after_copies(end) > 0 and not end.other.has(Fact.RST_SENT)
    return lives and copied_at_a_time(end) >= LARGE


def _are_full(end: End) -> bool:
    """Say whether full segments are what is lost; else smaller ones are too large, too, by ICMP or by their fate."""
    return end.has(Fact.FULL_SIZE_RESENT_ONLY) and not end.has(Fact.ICMP_TOO_BIG)


def _is_shut(end: End) -> bool:
    """Say whether its window is zero in the end."""
    return end.has(Fact.ZERO_WINDOW) and end.record.window == 0


def _have_passed(case: Case, end: End) -> bool:
    """Say whether large segments got through, or the receiver has left: by where the only tap is, or by its reset.

    A program that waits in vain may break off: if it aborts once all was sent, it has not left before. What is still
    in its tunnel has not come out of it.
    """
    is_in_tunnel = case.connection.tunnel is not None
    is_there = case.tap is end.other.side and len(case.analysis.captures) == 1 and not is_in_tunnel
    reset, last = end.other.fact(Fact.RST_SENT), end.record.last_time_ns
    gives_up = bool(reset and last and end.other.has(Fact.RST_ABORTS) and reset.time_ns >= last)
    return is_there or (end.other.state is State.CLOSED and reset is not None and not gives_up)


def ignores_the_mss(end: End) -> bool:
    """Say whether what it sends again and again in vain is larger than the other end has asked for.

    An adapter that cuts segments behind the tap (offload) is no explanation: a segment that is sent again after a
    time-out is no larger than one packet.
    """
    if not end.has(Fact.OVERSIZED_SEGMENTS) or not end.has(Fact.DATA_RESENT_UNANSWERED):
        return False
    sent, asked = end.record, end.other.record.mss
    if not asked:
        return False
    resent = copied_at_a_time(end)
    return resent > asked and sent.unacknowledged_bytes >= resent and end.other.record.frames > 0


def _heedless(case: Case, end: End) -> Verdict:
    asked, size = end.other.record.mss, copied_at_a_time(end)
    return Verdict(
        grounds=(showing(end, Fact.OVERSIZED_SEGMENTS, Fact.DATA_RESENT, Fact.DATA_RESENT_UNANSWERED),),
        doubts=("the other end may have died just then",),
        fault=end.fault,
        frames=case.evidence(
            end.frame(Fact.OVERSIZED_SEGMENTS),
            end.frame(Fact.DATA_RESENT_UNANSWERED),
            case.connection.last_frame,
        ),
        explanation=f"{end} resends {size} bytes at a time in vain, though {end.other} asked for segments of at most "
        f"{asked} (its MSS): the receiver, or a firewall, drops what is larger.",
        rivals=(
            still_open("a dead end (D09)", "nothing smaller was sent since"),
            unlikely("offload at the sender", "what a time-out sends again is one packet"),
        ),
        advice=advise(
            "Find out why the sender does not heed the MSS option (RFC 9293, 3.7.1), or what on the way adds or "
            "changes it.",
            on(end, f"ip route get {end.other.address}"),
            ss_this(end),
            capture_at(end.other),
        ),
    )


def _largest(end: End) -> int:
    """Return the payload of the segments that it resends, in bytes: at most the larger of both ends' MSS."""
    most, sent = _segment(end), end.record
    own = max(end.record.mss or 0, end.other.record.mss or 0) or most  # what it may send, by one MSS of both
    resent = -(-sent.retransmitted_bytes // sent.retransmitted_frames) if sent.retransmitted_frames else most
    # Options take room from the payload; what is smaller yet was no full segment, and tells no size.
    return resent if most - OPTIONS <= resent <= own or not _are_full(end) else most


def _segment(end: End) -> int:
    """Return what its largest segments hold, payload and options beyond the bare header, in bytes."""
    known = [size for size in (end.record.mss, end.other.record.mss) if size]
    return min(known, default=_USUAL_MSS)


def _only_large_ones_are_lost(end: End) -> bool:
    """Say whether what is missing is large, and something smaller was acknowledged, but nothing as large."""
    sent, mss = end.record, end.other.record.mss
    acknowledged = sent.bytes - sent.retransmitted_bytes - sent.unacknowledged_bytes
    is_large = sent.unacknowledged_bytes >= (mss - OPTIONS if mss and _are_full(end) else LARGE)
    opened = acknowledged > 0 or not end.is_mid_stream or end.has(Fact.ICMP_TOO_BIG)
    return is_large and opened and acknowledged <= (mss or _USUAL_MSS)


def _has_smaller_through(end: End) -> bool:
    """Say whether something smaller is known to have passed since: the other end acknowledged it, or spoke on."""
    again, heard = end.fact(Fact.DATA_RESENT), end.other.record.last_time_ns
    sent = end.record
    acknowledged = sent.bytes - sent.retransmitted_bytes - sent.unacknowledged_bytes
    return acknowledged > 0 or (again is not None and heard is not None and heard > again.time_ns)
