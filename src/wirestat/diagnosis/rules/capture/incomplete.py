"""The capture itself: what it lacks, and what that does to every other finding."""

from collections.abc import Iterator

from msgspec.structs import replace

from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.doubts import holds_only_data, leaves_out_answers, one_way
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rules.capture.contents import MANY, contents, defect, tally
from wirestat.diagnosis.rules.capture.recapture import again, device, file_name, look, on_file
from wirestat.diagnosis.rules.capture.recurring import here_again
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.study.clock import ClockStep, longest_step_ns, steps, wait_beyond_sense
from wirestat.diagnosis.study.standstill import standstill
from wirestat.diagnosis.study.twins import Twins
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import instant, link, percent
from wirestat.model import Capture, Severity
from wirestat.spans import span
from wirestat.summary import Signature
from wirestat.vocabulary import Fact
from wirestat.words import some

_FRAGMENTS = 3
"""One packet may lose a part by chance."""
_CUT_SHORT = "cut short"
"""Why the core did not understand a frame that ends within a header."""
_SAYS_MORE = (Fact.SENT_DATA, Fact.FIN_SENT)
"""A lone SYN-ACK may answer a SYN that somebody else forged: who sends these has a connection."""


@capture_rule("D25", "The capture is incomplete", Severity.WARNING)
def capture_unfit(analysis: Analysis) -> Iterator[Overall]:
    """The capture lacks packets, holds them twice, or ends early: every other finding is less sure for it.

    What it means: one of several things, each reported on its own. The file is damaged or cut off. There is no
    decoder for its link type. The capture dropped packets. One direction is missing. A filter left out all that
    carries no data. Bytes were acknowledged that were never captured, or only later. Frames are there twice (a
    mirror port that sees a packet go in and out). Packets are cut to a snap length. Time runs backward.

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
    yield from _backward(analysis)
    senseless = list(_senseless(analysis))
    yield from senseless
    if not senseless:
        yield from _standstill(analysis)
        yield from _leap(analysis)
    yield from _snapped(analysis)
    yield from _fragments(analysis)
    yield from _directions(analysis)
    yield from _acknowledgements(analysis)
    yield from _answers(analysis)
    yield from contents(analysis)
    yield from here_again(analysis)


def _unread(capture: Capture) -> str:
    if capture.is_live:
        return f"The capture on {capture.title} ended early: {capture.error}. Everything before that is reported."
    if capture.frames:
        return f"{capture.title} could not be read to its end: {capture.error}. Everything before that is reported."
    return f"{capture.title} could not be read: {capture.error}."


def _file(capture: Capture) -> Iterator[Overall]:
    if capture.error:
        yield defect(
            Severity.ERROR,
            _unread(capture),
            "Capture again when it is back; 'any' goes on where one interface goes."
            if capture.is_live
            else look(
                capture, "Fetch it again if it was copied while it was being written, else capture again."
            ),
        )
    defects = "; ".join(capture.defects[:3])
    if defects and capture.is_live:
        yield defect(
            Severity.WARNING,
            f"{capture.title}: {defects}, and the capture went on without.",
            "Capture again if what happened there since matters.",
        )
    elif defects:
        yield defect(
            Severity.WARNING,
            f"{capture.title} is not all as its format has it, and was read on: {defects}.",
            look(
                capture,
                "Fetch it again if a copy can have damaged it; else its writer does so.",
            ),
        )


def _links(capture: Capture) -> Iterator[Overall]:
    for number, interface in capture.undecoded_interfaces:
        yield defect(
            Severity.ERROR if capture.tells_nothing else Severity.WARNING,
            f"{capture.title}: wirestat has no decoder for {link(number, interface)}: "
            f"{some(interface.frames, 'frame')} there, counted and not looked into.",
            advise(
                "Capture where the IP packets go, as on 'any', or let Wireshark's dissectors try.",
                *on_file("wirestat --engine pyshark", capture),
            ),
        )


def _frames(capture: Capture) -> Iterator[Overall]:
    dropped = sum(interface.dropped or 0 for interface in capture.interfaces)
    if dropped:
        received = sum(interface.received or interface.frames for interface in capture.interfaces)
        of_all = f" of {received:,} ({percent(dropped, received)})" if dropped <= received else ""
        yield defect(
            Severity.WARNING,
            f"{capture.title} lost {some(dropped, 'packet')}{of_all} while it was taken: what looks like silence may "
            "be a packet that was dropped here.",
            again(device(capture), "with a larger buffer and only the headers"),
        )


def _backward(analysis: Analysis) -> Iterator[Overall]:
    back = [step for step in steps(analysis) if step.by_ns < 0]
    if back:
        yield _set_back(analysis, back)
        return
    for capture in analysis.captures:
        if capture.backward_steps:
            yield defect(
                Severity.NOTE,
                f"Time runs backward {some(capture.backward_steps, 'time')} in {capture.title}: several queues or "
                "interfaces were captured on, the clock was set, or files were joined out of order.",
                advise("Sort the frames by time.", f"  $ reordercap {file_name(capture)} sorted.pcapng"),
            )


def _set_back(analysis: Analysis, back: list[ClockStep]) -> Overall:
    capture, furthest = analysis.captures[0], min(back, key=lambda step: step.by_ns)
    often = f", the furthest of {some(len(back), 'step')}" if len(back) > 1 else ""
    return defect(
        Severity.NOTE,
        f"Time runs backward {some(capture.backward_steps, 'time')} in {capture.title}: by at "
        f"least {span(-furthest.by_ns)} at {instant(analysis, furthest.time_ns)}{often}. The clock was set back, or "
        "files were joined out of order. Ages and silences across that instant are longer than they look.",
        advise(
            "Where the clock was set, leave the frames in their order, and set it (NTP) before a capture begins. "
            "Sort them by time only where files were joined.",
            f"  $ reordercap {file_name(capture)} sorted.pcapng",
        ),
        frames=(furthest.before, furthest.after),
    )


def _senseless(analysis: Analysis) -> Iterator[Overall]:
    """Tell of times that cannot be: nobody waits for days for the answer to a SYN, or to that."""
    one = wait_beyond_sense(analysis)
    if one is None:
        return
    yield defect(
        Severity.WARNING,
        f"The times of the capture make no sense: a step of a handshake takes {span(longest_step_ns(one))}. The "
        "order of its frames was followed, and nothing is concluded from silences, ages and other lengths of time.",
        "See what wrote the file: its clock, or the unit and the byte order of its times, are wrong.",
        examples=(one.id,),
        frames=(one.first_frame,),
    )


def _standstill(analysis: Analysis) -> Iterator[Overall]:
    still = standstill(analysis)
    if still is None:
        return
    yield defect(
        Severity.NOTE,
        f"No frame of any kind was captured for {span(still.length_ns)} from "
        f"{instant(analysis, still.from_ns)} on: the capture stood still, or was joined of several. The time "
        "between is not in it, and ages may be shorter than they look.",
        "Nothing to do, unless that time matters: then capture without a break.",
    )


def _leap(analysis: Analysis) -> Iterator[Overall]:
    """Tell of a clock that was set forward, by the clocks of the hosts."""
    count, examples = tally(item for item in analysis.summary.signatures if Fact.CLOCK_LEAPT in item.facts)
    if not count:
        return
    leaps = [
        seen for id in examples for seen in analysis.connection(id).facts if seen.fact is Fact.CLOCK_LEAPT
    ]
    longest = max(leaps, key=lambda seen: seen.figure or 0)
    yield defect(
        Severity.NOTE,
        f"The clock of the capture leapt ahead by {span(longest.figure or 0)} at "
        f"{instant(analysis, longest.time_ns)}: by the time stamps of both ends next to nothing had passed, on "
        f"{some(count, 'connection')}. Ages and silences across that instant are shorter than they look.",
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
        yield defect(
            Severity.WARNING if cut * MANY > analysis.summary.frames else Severity.NOTE,
            f"{some(cut, 'frame')} of {analysis.summary.frames:,} {_are(cut)} cut to a snap length too short for the "
            "headers: what they say is not known.",
            advise(
                "Capture again with a larger snap length: 128 bytes hold the headers, 256 those "
                "inside of tunnels, too.",
                f"  $ tcpdump -ni {device(*snapped)} -s 128 -w again.pcap tcp",
            ),
        )
        return
    for capture in snapped:
        verdict = defect(
            Severity.INFO,
            f"{some(capture.snapped_frames, 'frame')} of {capture.title} {_are(capture.snapped_frames)} cut to the "
            "snap length. States need only the headers.",
            "Nothing to do as long as the TCP header and its options are whole: 128 bytes a frame.",
        )
        yield replace(verdict, asks_nothing=True)


def _fragments(analysis: Analysis) -> Iterator[Overall]:
    """Tell of TCP segments that came in part: nobody reads them, here or where they were sent to."""
    counts = analysis.summary.fragments
    parts, whole = counts.get("tcp_incomplete", 0), counts.get("tcp_reassembled", 0)
    if parts < _FRAGMENTS:
        return
    yield defect(
        Severity.WARNING if parts > whole else Severity.NOTE,
        f"Fragments of {some(parts, 'TCP segment')} that never became whole are in the capture, beside "
        f"{some(whole, 'fragmented segment')} that did. If the receiver lacks the same fragments, large segments are "
        "sent again and again in vain, while small ones pass.",
        advise(
            "See whether the missing fragments arrive: devices that drop fragments without a TCP header are common. "
            "Have segments made smaller, by a lower MTU or MSS, so that nothing is cut on the way.",
            f"  $ tcpdump -ni {device(*analysis.captures)} 'ip[6:2] & 0x3fff != 0'",
            "  receiver$ nstat -az IpReasmFails IpReasmTimeout",
        ),
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _directions(analysis: Analysis) -> Iterator[Overall]:
    signatures = analysis.summary.signatures
    everything = one_way(signatures)
    count, examples = tally(
        item for item in signatures if Fact.ONE_WAY in item.facts and (everything or _goes_on(item))
    )
    found = Twins(analysis).halves if count else []
    halves = [one for pair in found for one in pair if is_shown(one, Fact.ONE_WAY)]
    parted = {one.id for one in halves if everything or any(is_shown(one, fact) for fact in _SAYS_MORE)}
    if count == len(parted):
        return  # the other direction is there, under another address (D40)
    count, examples = count - len(parted), tuple(id for id in examples if id not in parted)
    everything = everything and not parted
    total = sum(signature.count for signature in signatures)
    of_which = "every connection" if everything else f"{some(count, 'connection')} of {total:,}"
    yield defect(
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
    return any(not facts.isdisjoint(_SAYS_MORE) for facts in (signature.client_facts, signature.server_facts))


def _answers(analysis: Analysis) -> Iterator[Overall]:
    summary = analysis.summary
    if not leaves_out_answers(summary):
        return
    yield defect(
        Severity.WARNING,
        f"The capture holds the SYNs of {some(summary.connections, 'connection')}, most of them sent once, and "
        "nothing else of TCP: a filter has left out the answers, and whether anybody answered does not show.",
        again(device(*analysis.captures), "without a filter on flags"),
        summary.connections,
        (),
    )


def _acknowledgements(analysis: Analysis) -> Iterator[Overall]:
    summary = analysis.summary
    if not holds_only_data(summary):
        return
    yield defect(
        Severity.WARNING,
        f"The capture holds {some(summary.data_segments, 'segment')} with data and no bare acknowledgement: a "
        "filter has left those out. Segments that nothing seems to answer may have been acknowledged, and "
        "connections closed.",
        again(device(*analysis.captures), "without a filter on length"),
        summary.connections,
        (),
    )
