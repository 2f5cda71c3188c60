"""Segments with wrong checksums: their receiver drops them, and they have to be sent again."""

from wirestat.diagnosis.advice import advise, nstat, on
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.rules.flaws import SegmentFlaw
from wirestat.model import Fault, Severity
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 2
"""Once may be chance."""
_IN_VAIN = 3
"""So many segments in a row are not damaged by chance."""


def wrong_checksums(case: Case) -> SegmentFlaw | None:
    """Return what wrong checksums of an end do, where the tap is not at that end."""
    wrong = (end for end in case.ends if end.has(Fact.BAD_CHECKSUM))
    return next((flaw for end in wrong if (flaw := _wrong_checksums_of(case, end))), None)


def _wrong_checksums_of(case: Case, end: End) -> SegmentFlaw | None:
    if case.tap is end.side or end.has(Fact.WRONG_CHECKSUM_ACKED):
        return None  # its adapter fills them in behind the tap, or the capture was changed
    count = end.figure(Fact.BAD_CHECKSUM) or 1
    if not end.has(Fact.SENT_DATA) and count >= _IN_VAIN:
        return _nothing_but_wrong(case, end, count)
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
