"""The capture itself: what it lacks, and what that does to every other finding."""

from collections.abc import Iterable, Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.doubts import one_way
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import percent, some
from wirestat.model import Capture, Confidence, Fault, Severity, Signature

_MANY_MISSING = 100
"""More than one connection in so many with missing frames, and the capture as a whole is to blame."""


_SOME_COPIES, _MANY_COPIES = 10, 100
"""Fewer copies than the first, or than one frame in so many, are an accident of the network."""


@capture_rule("D25", "The capture is incomplete", Severity.WARNING)
def capture_unfit(analysis: Analysis) -> Iterator[Overall]:
    """The capture lacks packets, holds them twice, or ends early: every other finding is less sure for it.

    What it means: one of several things, each reported on its own. The file is damaged or cut off. The capture
    dropped packets. One direction is missing. Bytes were acknowledged that were never captured. Frames are there
    twice (a mirror port that sees a packet go in and out). Packets are cut to a snap length. Time runs backward.

    Why it matters: a passive observer concludes much from what did *not* happen. Where packets are missing from the
    capture, silence proves nothing. A connection that began before the capture is no defect of it, and is reported
    as information.

    Rivals: none. This finding is the rival of all others.

    What to do: capture again, closer to the end in doubt, with a larger buffer and the whole packet, on one
    interface and one VLAN, both directions.

    RFC 9293: none; it has nothing to say about observers.
    """
    for capture in analysis.captures:
        yield from _file(capture)
    yield from _directions(analysis)
    yield from _contents(analysis)


def _file(capture: Capture) -> Iterator[Overall]:
    if capture.error:
        yield _defect(
            Severity.ERROR,
            f"{capture.name} could not be read to its end: {capture.error}. What came before is reported.",
            advise("Repair or repeat the capture.", f"  $ capinfos {capture.name}"),
        )
    if capture.defects:
        yield _defect(
            Severity.WARNING,
            f"{capture.name} is damaged and was read on: {'; '.join(capture.defects[:3])}.",
            advise("Repair or repeat the capture.", f"  $ capinfos {capture.name}"),
        )
    dropped = sum(interface.dropped or 0 for interface in capture.interfaces)
    if dropped:
        received = sum(interface.received or interface.frames for interface in capture.interfaces)
        yield _defect(
            Severity.WARNING,
            f"{capture.name} lost {some(dropped, 'packet')} of {received:,} ({percent(dropped, received)}) "
            "while it was taken: what looks like silence may be a packet that was dropped here.",
            advise(
                "Capture with a larger buffer, and write only the headers.",
                "  $ tcpdump -B 65536 -s 128 -w again.pcap",
            ),
        )
    if capture.backward_steps:
        yield _defect(
            Severity.NOTE,
            f"Time runs backward {some(capture.backward_steps, 'time')} in {capture.name}: the clock was "
            "set, or files were joined out of order.",
            advise("Sort the frames by time.", f"  $ reordercap {capture.name} sorted.pcapng"),
        )
    if capture.snapped_frames:
        yield _defect(
            Severity.INFO,
            f"{some(capture.snapped_frames, 'frame')} of {capture.name} are cut to the snap length. States "
            "need only the headers.",
            "Nothing to do as long as the TCP header and its options are whole: 128 bytes a frame.",
        )


def _directions(analysis: Analysis) -> Iterator[Overall]:
    signatures = analysis.summary.signatures
    count, examples = _tally(item for item in signatures if "one-way" in item.facts)
    if not count:
        return
    total = sum(signature.count for signature in signatures)
    everything = one_way(signatures)
    of_which = "every connection" if everything else f"{some(count, 'connection')} of {total:,}"
    yield _defect(
        Severity.WARNING if everything or count * 2 > total else Severity.NOTE,
        f"Only one direction of {of_which} was captured: half of the dialogue is guessed from the other "
        "half.",
        advise(
            "Mirror both directions, or capture at one of the ends: routing may be asymmetric.",
            "  $ tcpdump -ni any -w again.pcap tcp",
        ),
        count,
        examples,
    )


def _contents(analysis: Analysis) -> Iterator[Overall]:
    summary = analysis.summary
    total = sum(signature.count for signature in summary.signatures)
    missing, examples = _tally(item for item in summary.signatures if _has_holes(item))
    if missing:
        yield _defect(
            Severity.WARNING if missing * _MANY_MISSING > total else Severity.NOTE,
            f"Bytes were acknowledged that were never captured, on {some(missing, 'connection')} of "
            f"{total:,}: the capture missed packets that did arrive.",
            advise(
                "Capture with a larger buffer, or nearer to one end.",
                "  $ tcpdump -B 65536 -s 128 -w again.pcap",
            ),
            missing,
            examples,
        )
    if summary.duplicate_frames:
        doubled, examples = _tally(item for item in summary.signatures if "frames-duplicated" in item.facts)
        few = (
            summary.duplicate_frames < _SOME_COPIES
            or summary.duplicate_frames * _MANY_COPIES < summary.frames
        )
        yield _defect(
            Severity.INFO if few else Severity.NOTE,
            f"The capture holds {some(summary.duplicate_frames, 'frame')} of {summary.frames:,} twice: the "
            "tap sees packets at two points of their way. They are not counted as resent.",
            advise(
                "Mirror one direction of one port only, or remove the copies.",
                "  $ editcap -d in.pcap out.pcap",
            ),
            doubled,
            examples,
        )
    swapped, examples = _tally(item for item in summary.signatures if "reordered-by-tap" in item.facts)
    if swapped:
        yield _defect(
            Severity.NOTE,
            "Acknowledgements were captured before what they acknowledge, on "
            f"{some(swapped, 'connection')}: the capture joins two sources whose order it does not keep.",
            advise("Capture both directions in one place.", "  $ reordercap in.pcap out.pcapng"),
            swapped,
            examples,
        )
    running, examples = _tally(item for item in summary.signatures if "mid-stream" in item.facts)
    if running:
        yield _defect(
            Severity.INFO,
            f"{some(running, 'connection')} of {total:,} began before the capture: who is client and who "
            "is server is inferred, and window scales are unknown.",
            "Nothing to do, unless one of them matters: then start the capture before it.",
            running,
            examples,
        )
    large, examples = _tally(item for item in summary.signatures if _offloaded(item))
    if large:
        yield _defect(
            Severity.INFO,
            f"Segments larger than the MSS are in the capture of {some(large, 'connection')}: the adapter "
            "cut or joined them behind the tap (offload).",
            advise(
                "To see the packets of the wire, turn it off.",
                "  $ ethtool -K DEVICE tso off gso off gro off lro off",
            ),
            large,
            examples,
        )


def _has_holes(signature: Signature) -> bool:
    """Say whether frames are missing that one missing direction does not explain."""
    return "frames-missing" in signature.facts and "one-way" not in signature.facts


def _offloaded(signature: Signature) -> bool:
    return bool(signature.facts & {"client:oversized-segments", "server:oversized-segments"})


def _tally(signatures: Iterable[Signature]) -> tuple[int, tuple[int, ...]]:
    found = list(signatures)
    examples = sorted({example for item in found for example in item.examples})
    return sum(item.count for item in found), tuple(examples[:8])


def _defect(
    severity: Severity, explanation: str, advice: str, count: int = 1, examples: tuple[int, ...] = ()
) -> Overall:
    return Overall(
        severity=severity,
        confidence=Confidence.CERTAIN,
        fault=Fault.CAPTURE,
        explanation=explanation,
        advice=advice,
        display_filter=filters.of_frames(()),
        count=max(count, 1),
        examples=examples,
    )
