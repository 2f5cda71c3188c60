"""The capture itself: what it lacks, and what that does to every other finding."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, argument
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.doubts import holds_only_data, one_way
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.study.standstill import standstill
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import link, percent
from wirestat.model import Capture, Fault, Severity
from wirestat.spans import span
from wirestat.summary import Signature
from wirestat.titles import printable
from wirestat.vocabulary import Fact
from wirestat.words import day_time, some

_MANY = 100
"""More than one connection (or one frame) in so many, and it is the capture rather than an accident."""
_SOME_COPIES = 10
"""Fewer copies than this are an accident of the network."""
_DEVICE = r"(?!-)[\w.:@-]{1,15}"
"""Interfaces of Linux and BSD as they are called in practice; any other name has no place in a command."""
_LIVE = "live"
"""The format of what is captured here and now: a defect of it is an interface that is gone."""
_CUT_SHORT = "cut short"
"""Why the core did not understand a frame that ends within a header."""


def _again(device: str, how: str) -> str:
    """Say how to capture so that nothing is lost."""
    return advise(
        f"Capture again {how}: '0 packets dropped by kernel' must be the last that tcpdump says.",
        f"  $ tcpdump -ni {device} -B 65536 -s 128 -w again.pcap tcp",
    )


class ContentFlaw(NamedTuple):
    """Something wrong with the contents, which shows as a fact about connections."""

    fact: Fact
    few: Severity
    many: Severity
    """Where it strikes more than one connection in a hundred."""
    words: str
    """With ``{connections}`` that have it, ``{total}`` of them all, ``{copies}`` of ``{frames}``."""
    advice: str
    """With the ``{file}`` of the capture, the ``{device}`` for tcpdump, and the ``{card}`` for ethtool."""


FLAWS: tuple[ContentFlaw, ...] = (
    ContentFlaw(
        Fact.FRAMES_MISSING,
        Severity.NOTE,
        Severity.WARNING,
        "Bytes were acknowledged that were never captured, on {connections} of {total}: the capture "
        "missed packets that did arrive.",
        _again("{device}", "nearer to one end and with a larger buffer"),
    ),
    ContentFlaw(
        Fact.NUMBERS_SENSELESS,
        Severity.WARNING,
        Severity.WARNING,
        "The sequence and acknowledgement numbers of {connections} of {total} make no sense: they are zero "
        "throughout, as in packets made by hand or anonymized. The flags alone were followed, and nothing is "
        "concluded from timers.",
        "Have the tool that made the capture fill the numbers in, or keep them.",
    ),
    ContentFlaw(
        Fact.ONLY_CONTROL,
        Severity.NOTE,
        Severity.WARNING,
        "Of {connections} of {total} nothing but SYN, FIN and RST was captured: a filter has left out the rest, "
        "which is taken for arrived.",
        _again("{device}", "without a filter on flags"),
    ),
    ContentFlaw(
        Fact.FRAMES_DUPLICATED,
        Severity.INFO,
        Severity.NOTE,
        "The capture holds {copies} of {frames} twice: the tap sees packets at two points of their way, "
        "or the network doubles them. They are not counted as resent.",
        advise(
            "Mirror one port only, or capture on one interface and not on 'any'; or remove the copies.",
            "  $ editcap -d {file} once.pcapng",
        ),
    ),
    ContentFlaw(
        Fact.REORDERED_BY_TAP,
        Severity.NOTE,
        Severity.NOTE,
        "Acknowledgements were captured before what they acknowledge, on {connections} of {total}: the "
        "capture joins two sources whose order it does not keep.",
        "Capture both directions with one adapter: where two of them stamp the packets, sorting by time does not "
        "help.",
    ),
    ContentFlaw(
        Fact.MID_STREAM,
        Severity.INFO,
        Severity.INFO,
        "{connections} of {total} began before the capture: who is client and who is server is inferred, "
        "and window scales are unknown.",
        "Nothing to do, unless one of them matters: then start the capture before it.",
    ),
    ContentFlaw(
        Fact.SYN_MISSING,
        Severity.INFO,
        Severity.INFO,
        "The SYN of {connections} of {total} was not captured, though its SYN-ACK was: the client's segment "
        "size and window scale are unknown, and how often it asked.",
        "Nothing to do, unless one of them matters: then start the capture before it.",
    ),
    ContentFlaw(
        Fact.OVERSIZED_SEGMENTS,
        Severity.INFO,
        Severity.INFO,
        "Segments larger than the MSS are in the capture of {connections}: the adapter cut or joined them "
        "behind the tap (offload).",
        advise(
            "Nothing to do: states do not depend on it. To see segments as the wire has them, turn offload off for "
            "the device that is captured on (ip -br link lists them), and on again afterwards.",
            "  $ ethtool -K {card} tso off gso off gro off lro off",
        ),
    ),
)
"""Facts that tell of the capture, the worst first."""


@capture_rule("D25", "The capture is incomplete", Severity.WARNING)
def capture_unfit(analysis: Analysis) -> Iterator[Overall]:
    """The capture lacks packets, holds them twice, or ends early: every other finding is less sure for it.

    What it means: one of several things, each reported on its own. The file is damaged or cut off. There is no
    decoder for its link type. The capture dropped packets. One direction is missing. A filter left out all that
    carries no data. Bytes were acknowledged that were never captured. Frames are there twice (a mirror port that
    sees a packet go in and out). Packets are cut to a snap length. Time runs backward.

    Why it matters: a passive observer concludes much from what did *not* happen. Where packets are missing from the
    capture, silence proves nothing. A connection that began before the capture is no defect of it, and is reported
    as information.

    Rivals: none. This finding is the rival of all others.

    What to do: capture again at the end in doubt, both directions, on one interface: ``tcpdump -ni eth0 -B 65536 -s
    128 -w again.pcap tcp`` has a buffer of 64 MiB and takes the headers, which is all that states need. Let it run
    before the connections begin; when it ends, it must say "0 packets dropped by kernel".

    See it: ``wirestat pcaps/one-direction-to-server/client.pcap``: only what the client sends was captured.

    RFC 9293: none; it has nothing to say about observers.
    """
    for capture in analysis.captures:
        yield from _file(capture)
        yield from _links(capture)
        yield from _frames(capture)
    yield from _standstill(analysis)
    yield from _leap(analysis)
    yield from _snapped(analysis)
    yield from _directions(analysis)
    yield from _acknowledgements(analysis)
    yield from _contents(analysis)


def _file(capture: Capture) -> Iterator[Overall]:
    if capture.error:
        yield _defect(
            Severity.ERROR,
            f"{capture.title} could not be read to its end: {capture.error}. What came before is reported."
            if capture.frames
            else f"{capture.title} could not be read: {capture.error}.",
            _look(capture, "Fetch it again if it was copied while it was being written, else capture again."),
        )
    defects = "; ".join(capture.defects[:3])
    if defects and capture.format == _LIVE:
        yield _defect(
            Severity.WARNING,
            f"{capture.title}: {defects}, and the capture went on without.",
            "Capture again if what happened there since matters.",
        )
    elif defects:
        yield _defect(
            Severity.WARNING,
            f"{capture.title} is not all as its format has it, and was read on: {defects}.",
            _look(
                capture,
                "Fetch it again if a copy can have damaged it; else its writer does so.",
            ),
        )


def _links(capture: Capture) -> Iterator[Overall]:
    for number, interface in capture.undecoded_interfaces:
        yield _defect(
            Severity.ERROR if capture.tells_nothing else Severity.WARNING,
            f"{capture.title}: wirestat has no decoder for {link(number, interface)}: "
            f"{some(interface.frames, 'frame')} there, counted and not looked into.",
            advise(
                "Capture where the IP packets go, as on 'any', or let Wireshark's dissectors try.",
                *_on_file("wirestat --engine pyshark", capture),
            ),
        )


def _frames(capture: Capture) -> Iterator[Overall]:
    dropped = sum(interface.dropped or 0 for interface in capture.interfaces)
    if dropped:
        received = sum(interface.received or interface.frames for interface in capture.interfaces)
        yield _defect(
            Severity.WARNING,
            f"{capture.title} lost {some(dropped, 'packet')} of {received:,} ({percent(dropped, received)}) "
            "while it was taken: what looks like silence may be a packet that was dropped here.",
            _again(_device(capture), "with a larger buffer and only the headers"),
        )
    if capture.backward_steps:
        yield _defect(
            Severity.NOTE,
            f"Time runs backward {some(capture.backward_steps, 'time')} in {capture.title}: several queues or "
            "interfaces were captured on, the clock was set, or files were joined out of order.",
            advise("Sort the frames by time.", f"  $ reordercap {_file_name(capture)} sorted.pcapng"),
        )


def _standstill(analysis: Analysis) -> Iterator[Overall]:
    still = standstill(analysis)
    if still is None:
        return
    yield _defect(
        Severity.NOTE,
        f"No frame of any kind was captured for {span(still.length_ns)} from {day_time(still.from_ns)} on: the "
        "capture stood still, or was joined of several. What happened meanwhile is not in it, and ages may be "
        "shorter than they look.",
        "Nothing to do, unless that time matters: then capture without a break.",
    )


def _leap(analysis: Analysis) -> Iterator[Overall]:
    """Tell of a clock that was set forward, by the clocks of the hosts."""
    count, examples = _tally(item for item in analysis.summary.signatures if Fact.CLOCK_LEAPT in item.facts)
    if not count:
        return
    leaps = [
        seen for id in examples for seen in analysis.connection(id).facts if seen.fact is Fact.CLOCK_LEAPT
    ]
    longest = max(leaps, key=lambda seen: seen.figure or 0)
    yield _defect(
        Severity.NOTE,
        f"The clock of the capture leapt ahead by {span(longest.figure or 0)} at {day_time(longest.time_ns)}: by the "
        f"time stamps of both ends next to nothing had passed, on {some(count, 'connection')}. Ages and silences "
        "across that instant are shorter than they look.",
        "Set the clock (NTP) before a capture begins. Hosts that were suspended together look the same.",
        count,
        examples,
        tuple(sorted({seen.frame for seen in leaps})),
    )


def _snapped(analysis: Analysis) -> Iterator[Overall]:
    """Tell frames that lack payload, which nobody needs here, from those that lack a part of their headers."""
    snapped = [capture for capture in analysis.captures if capture.snapped_frames]
    total = sum(capture.snapped_frames for capture in snapped)
    cut = min(total, sum(case.frames for case in analysis.summary.undecoded if case.reason == _CUT_SHORT))
    if cut:
        yield _defect(
            Severity.WARNING if cut * _MANY > analysis.summary.frames else Severity.NOTE,
            f"{some(cut, 'frame')} of {analysis.summary.frames:,} {_are(cut)} cut to a snap length too short for the "
            "headers: what they say is not known.",
            advise(
                "Capture again with a larger snap length: 128 bytes hold the headers, 256 those "
                "inside of tunnels, too.",
                f"  $ tcpdump -ni {_device(*snapped)} -s 128 -w again.pcap tcp",
            ),
        )
        return
    for capture in snapped:
        yield _defect(
            Severity.INFO,
            f"{some(capture.snapped_frames, 'frame')} of {capture.title} {_are(capture.snapped_frames)} cut to the "
            "snap length. States need only the headers.",
            "Nothing to do as long as the TCP header and its options are whole: 128 bytes a frame.",
        )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _is_file(capture: Capture) -> bool:
    return capture.size is not None


def _file_name(*captures: Capture) -> str:
    """Name the capture for a command; ``FILE`` where it is not one file, not there any more, or not to be typed."""
    if len(captures) != 1 or not _is_file(captures[0]):
        return "FILE"
    name = captures[0].name
    return argument(name) if printable(name) == name else "FILE"


def _on_file(command: str, capture: Capture) -> Iterator[str]:
    """Give a command that reads the capture once more, where that can be done."""
    if _is_file(capture):
        yield f"  $ {command} {_file_name(capture)}"


def _device(*captures: Capture) -> str:
    """Name the interface that was captured on; ``any`` where the captures name none, several, or no usual one.

    The name is whatever the maker of a file wrote into it, and commands are pasted by root.
    """
    names = {interface.name or "" for capture in captures for interface in capture.interfaces}
    name = names.pop() if len(names) == 1 else ""
    return name if re.fullmatch(_DEVICE, name, re.ASCII) else "any"


def _look(capture: Capture, words: str) -> str:
    """Say what to do, and how to see what is there where it can be read once more."""
    return advise(words, *_on_file("capinfos", capture))


def _directions(analysis: Analysis) -> Iterator[Overall]:
    signatures = analysis.summary.signatures
    everything = one_way(signatures)
    count, examples = _tally(
        item for item in signatures if Fact.ONE_WAY in item.facts and (everything or _goes_on(item))
    )
    if not count:
        return
    total = sum(signature.count for signature in signatures)
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


def _goes_on(signature: Signature) -> bool:
    """Say whether an end sent data or a FIN: a lone SYN-ACK may answer a SYN that somebody else forged."""
    return any(
        not facts.isdisjoint((Fact.SENT_DATA, Fact.FIN_SENT))
        for facts in (signature.client_facts, signature.server_facts)
    )


def _acknowledgements(analysis: Analysis) -> Iterator[Overall]:
    summary = analysis.summary
    if not holds_only_data(summary):
        return
    yield _defect(
        Severity.WARNING,
        f"The capture holds {some(summary.data_segments, 'segment')} with data and no bare acknowledgement: a "
        "filter has left those out. What nothing seems to answer may have been acknowledged, and closed.",
        _again(_device(*analysis.captures), "without a filter on length"),
        summary.connections,
        (),
    )


def _contents(analysis: Analysis) -> Iterator[Overall]:
    summary = analysis.summary
    total = sum(signature.count for signature in summary.signatures)
    device = _device(*analysis.captures)
    card = "eth0" if device == "any" else device
    for flaw in FLAWS:
        count, examples = _tally(
            item
            for item in summary.signatures
            if _has(item, flaw.fact)
            and not (flaw.fact == Fact.FRAMES_MISSING and _came_later(analysis, item))
        )
        if not count or (flaw.fact is Fact.ONLY_CONTROL and summary.bare_acknowledgements):
            continue  # a filter on flags lets no bare acknowledgement pass: these few were missed
        copies = summary.duplicate_frames
        few = count * _MANY <= total
        if flaw.fact == Fact.FRAMES_DUPLICATED:
            few = copies < _SOME_COPIES or copies * _MANY < summary.frames
        yield _defect(
            flaw.few if few else flaw.many,
            flaw.words.format(
                connections=some(count, "connection"),
                total=f"{total:,}",
                copies=some(copies, "frame"),
                frames=f"{summary.frames:,}",
            ),
            flaw.advice.format(file=_file_name(*analysis.captures), device=device, card=card),
            count,
            examples,
            _shown(analysis, examples, flaw.fact),
        )


def _has(signature: Signature, fact: Fact) -> bool:
    """Say whether a fact holds of a connection or of either end.

    One missing direction explains missing frames, and so does a filter.
    """
    if fact == Fact.FRAMES_MISSING and not signature.facts.isdisjoint((Fact.ONE_WAY, Fact.ONLY_CONTROL)):
        return False
    if fact == Fact.OVERSIZED_SEGMENTS:  # what is resent in vain, and is too large, no adapter cut (D24)
        ends = signature.client_facts, signature.server_facts
        return any(fact in of_end and Fact.DATA_RESENT_UNANSWERED not in of_end for of_end in ends)
    return fact in signature.facts | signature.client_facts | signature.server_facts


def _came_later(analysis: Analysis, signature: Signature) -> bool:
    """Say whether all that was acknowledged before it was captured came later: the order alone is wrong."""
    if Fact.REORDERED_BY_TAP not in signature.facts:
        return False
    examples = [analysis.connection(example) for example in signature.examples]
    return not any(one.client.unseen_bytes or one.server.unseen_bytes for one in examples)


def _tally(signatures: Iterable[Signature]) -> tuple[int, tuple[int, ...]]:
    found = list(signatures)
    examples = sorted({example for item in found for example in item.examples})
    return sum(item.count for item in found), tuple(examples[:8])


def _shown(analysis: Analysis, examples: tuple[int, ...], fact: Fact) -> tuple[int, ...]:
    """Name the frames that showed a fact about some connections."""
    facts = (item for example in examples for item in analysis.connection(example).facts)
    return tuple(sorted({item.frame for item in facts if item.fact is fact}))


def _defect(
    severity: Severity,
    explanation: str,
    advice: str,
    count: int = 1,
    examples: tuple[int, ...] = (),
    frames: tuple[int, ...] = (),
) -> Overall:
    return Overall(
        severity=severity,
        fault=Fault.CAPTURE,
        frames=frames,
        explanation=explanation,
        advice=advice,
        display_filter=filters.of_frames(frames),
        count=count,
        examples=examples,
    )
