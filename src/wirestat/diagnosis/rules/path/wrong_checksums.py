"""Segments with wrong checksums: their receiver drops them, and they have to be sent again."""

from wirestat.diagnosis.advice import advise, capture_at, nstat, on
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.path.flaws import SegmentFlaw
from wirestat.diagnosis.study import losses
from wirestat.diagnosis.words import times
from wirestat.model import Fault, Severity
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 2
"""Once may be chance."""
_IN_VAIN = 3
"""So many segments in a row are not damaged by chance."""
_ENOUGH = 8
"""A few that are smaller may make up a full one."""
_PARTS = 4
"""Frames that hold all but one part in so many of full segments, bare acknowledgements among them, are full ones."""


def wrong_checksums(case: Case) -> SegmentFlaw | None:
    """Return what wrong checksums of an end do, where the tap is not at that end."""
    wrong = (end for end in case.ends if end.has(Fact.BAD_CHECKSUM))
    return next((flaw for end in wrong if (flaw := _wrong_checksums_of(case, end))), None)


def _wrong_checksums_of(case: Case, end: End) -> SegmentFlaw | None:
    if case.tap is end.side or end.has(Fact.WRONG_CHECKSUM_ACKED):
        return None  # its adapter fills them in behind the tap, or the capture was changed
    count = end.figure(Fact.BAD_CHECKSUM) or 1
    if count >= _IN_VAIN and not end.has(Fact.SENT_DATA):
        return _nothing_but_wrong(case, end, count)
    if count >= _IN_VAIN and end.has(Fact.HOLE_NOT_FILLED):
        return _never_came_right(end, count)
    if _resent_before(end) or not (end.has(Fact.DATA_RESENT) or _came_right_later(case, end, count)):
        return None
    if count < _SEVERAL and case.has(Fact.MID_STREAM):
        return None  # no opening tells that right checksums come from there: the capture may be changed
    return SegmentFlaw(
        end,
        Fact.BAD_CHECKSUM,
        f"{some(count, 'segment').capitalize()} of {end} came with a wrong checksum, which {end.other} drops in "
        "silence, and data had to be sent again.",
        Fault.PATH,
        (
            cause("a damaged link, adapter or memory on the way"),
            cause("a device that changes payload"),
            cause("a card, often a virtual one, that cuts large segments and gets their checksums wrong"),
        ),
        advise(
            "Look for errors on the links and adapters on the way.",
            nstat(end.other, "TcpInCsumErrors"),
            on(end.other, "ip -s -s link; ethtool -S INTERFACE | grep -iE 'err|crc'"),
        ),
        doubts=("which of them was resent for its checksum is not known",),
        weak=count < _SEVERAL,
        severity=Severity.NOTE,
    )


def _came_right_later(case: Case, end: End, count: int) -> bool:
    """Say whether several were dropped, and what they held was acknowledged in the end: the right copies came later.

    A damaged segment counts for nothing, so its copy is the first of these data, and not sent again. Where no copy
    came and the data are acknowledged all the same, the capture was changed.
    """
    if case.has(Fact.FRAMES_MISSING, Fact.MID_STREAM, Fact.ONE_WAY):
        return False
    return count >= _SEVERAL and end.has(Fact.SENT_DATA) and not end.record.unacknowledged_bytes


def _resent_before(end: End) -> bool:
    """Say whether data were resent before any of its segments came with a wrong checksum: for another reason."""
    wrong, resent = end.fact(Fact.BAD_CHECKSUM), end.fact(Fact.DATA_RESENT)
    return wrong is not None and resent is not None and resent.time_ns < wrong.time_ns


def _nothing_but_wrong(case: Case, end: End, count: int) -> SegmentFlaw:
    """Judge an end whose opening came with right checksums, and of whose data none did."""
    return SegmentFlaw(
        end,
        Fact.BAD_CHECKSUM,
        f"All data of {end} came with a wrong checksum, {some(count, 'segment')} in all, though its SYN was right: "
        f"{end.other} drops them in silence, and the connection hangs.",
        Fault.PATH,
        (
            cause(
                "checksums that are left to a card, on a virtual or tunnel device that has none to fill them in"
            ),
            cause("a device on the way that changes payload, or addresses, and does not mend the checksum"),
            ruled_out("a dead end or path (D09)", "the segments arrive at the tap")
            if case.tap is end.other.side
            else still_open("damage behind the tap", "the tap is not at the receiver"),
        ),
        advise(
            f"Turn checksum offload off on the device that {end.address} sends by (ip -br link lists them), and see "
            "whether the connection goes on.",
            on(end, "ethtool -K INTERFACE tx off"),
            nstat(end.other, "TcpInCsumErrors"),
        ),
        doubts=("one capture does not tell where the checksum went wrong",),
    )


def _never_came_right(end: End, count: int) -> SegmentFlaw:
    """Judge an end some of whose data came damaged, and every copy of them as well."""
    lacks = end.figure(Fact.HOLE_NOT_FILLED) or 0
    return SegmentFlaw(
        end,
        Fact.BAD_CHECKSUM,
        f"{some(count, 'segment').capitalize()} of {end} came with a wrong checksum, which {end.other} drops in "
        f"silence. The {lacks:,} bytes that it lacks for that never came right, while others did: the connection "
        "hangs.",
        Fault.PATH,
        (
            cause("memory, an adapter or a link with a bit that is stuck", "each copy is damaged alike"),
            cause("a device that changes payload, and does not mend the checksum"),
            cause("a card, often a virtual one, that cuts large segments and gets their checksums wrong"),
            ruled_out("segments that are too large for the way (D24)", "they arrive"),
        ),
        advise(
            "Capture nearer to the sender as well: the last point at which the checksums are right is before what "
            "damages them.",
            nstat(end.other, "TcpInCsumErrors"),
            on(end.other, "ip -s -s link; ethtool -S INTERFACE | grep -iE 'err|crc'"),
        ),
        doubts=("one capture does not tell where the checksum goes wrong",),
    )


def some_never_pass(case: Case) -> SegmentFlaw | None:
    """Return what is sent again and again in vain, while as much as a full segment passed beyond it."""
    end = next((end for end in case.ends if is_not_for_its_size(end)), None)
    if end is None:
        return None
    copies = end.figure(Fact.DATA_RESENT_UNANSWERED) or _IN_VAIN
    return SegmentFlaw(
        end,
        Fact.DATA_RESENT_UNANSWERED,
        f"{end} sent the same data again {times(copies)} in vain, while {end.other} reports that it has as much as "
        "a full segment beyond them (SACK): their size is not what keeps them from it. Something on the way seems to "
        f"drop or damage just these, or {end.other} does not take them.",
        Fault.UNDECIDED,
        (
            cause("a device that damages them", f"{end.other} drops a wrong checksum in silence"),
            cause("a filter that looks for something in the data"),
            unlikely("segments that are too large for the way (D24)", "as large ones arrived"),
            still_open("a way that died just then", "whether anything passed since is not known"),
        ),
        advise(
            f"Capture at {end.other}: if the copies arrive, see whether their checksums are right there.",
            nstat(end.other, "TcpInCsumErrors"),
            capture_at(end.other),
        ),
        doubts=("one capture does not tell whether the copies arrive",),
        weak=not case.of_socket(losses.of_socket).sound,
    )


def is_not_for_its_size(end: End) -> bool:
    """Say whether large segments that come again in vain had others as large pass beyond them."""
    if not end.has(Fact.FULL_SIZE_RESENT_ONLY) or not end.other.has(Fact.GOT_LARGE):
        return False
    full, sent = min(end.record.mss or 0, end.other.record.mss or 0), end.record
    new, octets = sent.frames - sent.retransmitted_frames, sent.bytes - sent.retransmitted_bytes
    # Where many of its frames are smaller, or few are sent, several of them may make up what arrived.
    return full > 0 and new >= _ENOUGH and octets * _PARTS >= new * full * (_PARTS - 1)
