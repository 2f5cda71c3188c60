"""Transfers of which a good part has to be sent again, and that go on all the same."""

from wirestat.diagnosis.advice import advise, capture_at, nstat, on, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause, still_open
from wirestat.diagnosis.rules.path.reported_loss import came_late, needless
from wirestat.diagnosis.study import losses
from wirestat.diagnosis.study.losses import LEAST, SHARE, TRANSFER, Losses
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import percent
from wirestat.model import Endpoint, Fault, Severity
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_COPIES = 10
"""Fewer segments that come again are what any path loses now and then."""
_MUCH = 5
"""Chance takes less than one in so many on a path that still works."""
_ALIKE = 3
"""So many transfers of one socket that lose as much are no chance, though each loses less often."""
_THIRD = 3
"""Copies that are one part in so many of all that was sent are half as much as what was new."""
_FEW_COPIES = 5
"""So many copies are no chance where they are half as much as what was new, however short they are."""
_FEW_SEGMENTS = 4
"""A window of fewer is soon overrun by a sender that does not look at it."""
_SLOW = SECOND
"""Whoever had all that he asked for sooner does not complain."""
_TOLD_ELSEWHERE = (
    Fact.ICMP_TOO_BIG,
    Fact.DATA_RESENT_UNANSWERED,
    Fact.FULL_SIZE_RESENT_ONLY,
    Fact.RESENT_SMALLER,
    Fact.BAD_CHECKSUM,
    Fact.TIMESTAMPS_MISSING,
    Fact.PAWS_DROPPED,
    Fact.HOLE_NOT_FILLED,
    Fact.WINDOW_COLLAPSED,
    Fact.RESET_LOOP,
    Fact.STALLED,
)
"""Why data come again, where it is known."""
_TOLD_OF_OTHER = (
    Fact.WINDOW_TAKEN_BACK,
    Fact.ZERO_WINDOW_HELD,
    Fact.ZERO_WINDOW_OFTEN,
    Fact.SYN_ACK_RESENT_AFTER_ACK,
    Fact.RESET_LOOP,
)


@rule("D57", "Much is sent again", Severity.NOTE, rests_on={Basis.REPEATS})
def much_is_sent_again(case: Case) -> Verdict | None:
    """A good part of what an end sent had to be sent again: one byte in twenty or more, in ten segments or more.

    What it means: segments get lost between the tap and their receiver, or the acknowledgements of them on their way
    back. Each loss halves the speed or more; where a timer has to send the copy, the transfer stands for 0.2 s and
    longer. Where several transfers of one socket lose as much, four segments of one are enough; where half of the
    little that an end had to send comes again, five are. Where the tap is behind the loss it does not see the
    first of them: then one segment in twenty or more fills a hole late.

    Why it matters: the transfer is slow on a line that is not, and no program logs anything.

    Rivals: a sender whose timer is shorter than the round trip, or whose segments overtake each other, sends copies
    that nobody needs: where the receiver reports nearly all as received twice (D-SACK), that is told instead. Large
    segments that never pass are D24; a way that was down for seconds is D56; a receiver that drops what arrives
    damaged is D45.

    What to do: capture at the receiver as well: ``wirestat compare`` names the stretch on which segments are lost.

    See it: no capture of it is kept: the lab loses single segments of short connections.

    RFC 9293: 3.8.1 (retransmission time-out), 3.8.2 (congestion control); RFC 5681 (loss and speed).
    """
    end = next((end for end in case.ends if end.has(Fact.DATA_RESENT)), None)
    if end is None:
        return came_late(case)
    if case.has(Fact.ONE_WAY, Fact.REPLAYED):
        return None
    end = max(case.ends, key=lambda one: one.record.retransmitted_bytes)
    if end.has(*_TOLD_ELSEWHERE) or end.other.has(*_TOLD_OF_OTHER) or _stood_once(end):
        return None
    sent = end.record
    again = sent.retransmitted_bytes
    took = case.connection.last_time_ns - case.connection.first_time_ns
    half_again = _half_came_again(case, end)
    if (sent.bytes < TRANSFER or again * SHARE < sent.bytes) and not half_again:
        return None
    others = _losses(case) if sent.retransmitted_frames >= LEAST else None
    are_several = others is not None and others.lossy >= _ALIKE
    least = _FEW_COPIES if half_again else _COPIES
    if (took < _SLOW or sent.retransmitted_frames < least) and not are_several:
        return None
    if (told := needless(case, end)) is not None:
        return told
    small = _small_room(end)
    # Without the SYN the scale of the window is not known: it may be small, and is not told.
    room = 0 if case.has(Fact.MID_STREAM, Fact.SYN_MISSING) else small
    return Verdict(
        severity=Severity.WARNING if again * _MUCH >= sent.bytes >= TRANSFER else None,
        grounds=(showing(end, Fact.DATA_RESENT),),
        weak=bool(small),
        doubts=(
            *(("whether it was sent more than it has room for does not show",) if small else ()),
            "one capture does not tell whether segments or their acknowledgements are lost, and where",
        ),
        fault=Fault.UNDECIDED if small else Fault.PATH,
        frames=case.evidence(end.frame(Fact.DATA_RESENT), case.connection.last_frame),
        explanation=f"{end} sent {again:,} of its {sent.bytes:,} bytes again ({percent(again, sent.bytes)}, in "
        f"{some(sent.retransmitted_frames, 'segment')}) within {span(took)}: {end.other} did not get them at first, "
        f"or was not heard. {_how_slow(sent)}"
        + _beyond(end, room)
        + (_beside(others) if others and are_several else ""),
        rivals=(
            *(_of_first_copies(case) if half_again else ()),
            *_one_of_several(others),
            *_causes(end, room),
        ),
        advice=advise(
            f"Capture at {end.other} as well, and compare: that shows where segments are lost. Look at the counters "
            "of drops on the way.",
            capture_at(end.other),
            ss_this(end),
            nstat(end, "TcpRetransSegs", "TcpExtTCPTimeouts", "TcpExtTCPLossProbes", "TcpExtTCPDSACKRecv"),
            on(end.other, "ip -s link; ethtool -k IFACE | grep -E 'large-receive|generic-receive'"),
        ),
    )


def _how_slow(sent: Endpoint) -> str:
    return (
        "Each copy may wait for a timer." if sent.bytes < TRANSFER else "So much loss makes a transfer slow."
    )


def _beyond(end: End, room: int) -> str:
    """Say how little room the receiver tells of, in bytes; nothing where it is no cause."""
    if not room:
        return ""
    return (
        f" {end.other.subject} has room for no more than {room:,} bytes at a time (its receive window): it throws "
        "away what comes beyond that."
    )


def _losses(case: Case) -> Losses:
    """Return the losses on the connections of the server's socket, or of its client: the more of both."""
    both = case.of_socket(losses.of_socket), case.of_client(losses.of_client)
    return max(both, key=lambda each: each.lossy)


def _beside(others: Losses) -> str:
    """Hold it against the other transfers of its socket."""
    whose = "of this client" if others.of_client else "of this socket"
    told = f" {some(others.lossy, 'transfer')} {whose} lose so much"
    return f"{told}, and {others.sound:,} of them lose nothing." if others.sound else f"{told}."


def _one_of_several(others: Losses | None) -> tuple[Rival, ...]:
    """Name the way that some connections take and others do not, where some lose much and as many lose nothing."""
    if others is None or others.lossy < _ALIKE or others.sound < others.lossy:
        return ()
    return (
        cause(
            "one of several links or paths that carry connections by their ports (a bundle, equal costs)",
            "some connections lose much, and others nothing",
        ),
    )


def _half_came_again(case: Case, end: End) -> bool:
    """Say whether half of the little that it had to send, or more, came again."""
    sent = end.record
    if case.has(Fact.MID_STREAM, Fact.FRAMES_DUPLICATED, Fact.FRAMES_MISSING) or end.has(Fact.OLD_SEGMENT):
        return False
    is_half = _THIRD * sent.retransmitted_bytes >= sent.bytes
    return sent.bytes < TRANSFER and sent.retransmitted_frames >= _FEW_COPIES and is_half


def _of_first_copies(case: Case) -> tuple[Rival, ...]:
    """Name what loses first copies alone."""
    asked = any(end.has(Fact.SYN_WITH_ECN) for end in case.ends)
    marked = cause(
        "a device on the way that drops what is marked as capable of ECN",
        "the client asked for ECN; where the server agreed, copies alone bear no such mark (RFC 3168, 6.1.5)",
    )
    asleep = cause(
        "a way that loses the first packet after each pause (D47)", "then what follows at once passes"
    )
    return (*((marked,) if asked else ()), asleep)


def _stood_once(end: End) -> bool:
    """Say whether few segments came again, the first of them in a stall, and went on when all had arrived."""
    stood, first = end.fact(Fact.STALLED_BRIEFLY), end.fact(Fact.DATA_RESENT)
    if stood is None or first is None or end.record.retransmitted_frames >= 2 * _COPIES:
        return False
    if not end.has(Fact.OLD_SEGMENT):
        return False  # none came after it was acknowledged: more than one may have been lost
    return first.time_ns >= stood.time_ns - (stood.figure or 0) - SECOND // 2


def _small_room(end: End) -> int:
    """Return the receive window of the other end, in bytes, where it holds few of the segments that come again."""
    room, sent = end.other.record.window or 0, end.record
    segment = sent.retransmitted_bytes // sent.retransmitted_frames
    return room if room < _FEW_SEGMENTS * segment else 0


def _may_keep_nothing(end: End) -> bool:
    """Say whether nothing shows that its receiver keeps what comes out of order: it reports no such octets."""
    return not end.other.has(Fact.GOT_LARGE, Fact.GOT_TWICE) and end.record.retransmitted_frames >= _COPIES


def _causes(end: End, room: int) -> tuple[Rival, ...]:
    """Name what loses segments, the likeliest first for the share that comes again and the room of its receiver."""
    sent = end.record
    is_much = sent.retransmitted_bytes * _MUCH >= sent.bytes
    joined = cause(
        "a device that joins segments on receipt (LRO, GRO) and drops what is then too large to be sent on",
        "then copies that are sent alone arrive, and segments in a row do not",
    )
    usual = (
        cause("a radio link, a bad cable or an adapter with errors"),
        cause("a queue that is full, or a policer", "then the end of each burst is lost"),
        cause("a way that is down for a moment now and then", "then several copies follow each other"),
    )
    needless = "copies that nobody needed: a timer shorter than the round trip"
    overrun = cause(
        f"a sender that does not heed the window of {end.other}", "then the last of each few segments is lost"
    )
    kept = cause(
        "a receiver that keeps nothing behind a gap (out of order)",
        "then all that was under way comes again at each loss, one after the other",
    )
    return (
        *((kept,) if _may_keep_nothing(end) else ()),
        *((overrun,) if room else ()),
        *((joined, *usual) if is_much else (*usual, joined)),
        still_open(needless, "some copies came after their acknowledgement")
        if end.has(Fact.OLD_SEGMENT)
        else still_open(
            needless,
            "none came after all before it was acknowledged; selective acknowledgements may tell of some",
        ),
    )
