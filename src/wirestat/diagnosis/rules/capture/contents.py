"""Flaws of a capture's contents, which show as facts about connections."""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import Roll
from wirestat.diagnosis.rules.capture.recapture import again, device, file_name
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.multiplied import got_twice, with_multiplied_frames
from wirestat.diagnosis.together import SHOWN
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Fault, Severity
from wirestat.summary import Signature
from wirestat.vocabulary import Fact
from wirestat.words import some

MANY = 100
"""More than one connection (or one frame) in so many, and it is the capture rather than an accident."""
_FEW = 4
"""Of fewer frames, no other may have had the time to come twice."""
_SOME_COPIES = 10
"""Fewer copies than this are an accident of the network."""


class _Flaw(msgspec.Struct, frozen=True):
    """Something wrong with the contents, which shows as a fact about connections."""

    fact: Fact
    few: Severity
    many: Severity
    """Where it strikes more than one connection in a hundred."""
    words: str
    """With ``{connections}`` that have it, ``{total}`` of them all, ``{copies}`` of ``{frames}``."""
    advice: str
    """With the ``{file}`` of the capture, the ``{device}`` for tcpdump, and the ``{card}`` for ethtool."""
    asks_nothing: bool = False


_FLAWS: tuple[_Flaw, ...] = (
    _Flaw(
        Fact.FRAMES_MISSING,
        Severity.NOTE,
        Severity.WARNING,
        "Bytes were acknowledged that were never captured, on {connections} of {total}: the capture "
        "missed packets that did arrive.",
        again("{device}", "nearer to one end and with a larger buffer"),
    ),
    _Flaw(
        Fact.NUMBERS_SENSELESS,
        Severity.WARNING,
        Severity.WARNING,
        "The sequence and acknowledgement numbers of {connections} of {total} make no sense: they are zero "
        "throughout, as in packets made by hand or anonymized. The flags alone were followed, and nothing is "
        "concluded from timers.",
        "Have the tool that made the capture fill the numbers in, or keep them.",
    ),
    _Flaw(
        Fact.ONLY_CONTROL,
        Severity.NOTE,
        Severity.WARNING,
        "Of {connections} of {total} nothing but SYN, FIN and RST was captured: a filter has left out the rest, "
        "which is taken for arrived.",
        again("{device}", "without a filter on flags"),
    ),
    _Flaw(
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
    _Flaw(
        Fact.REORDERED_BY_TAP,
        Severity.NOTE,
        Severity.NOTE,
        "Acknowledgements were captured before what they acknowledge, on {connections} of {total}: the "
        "capture joins two sources whose order it does not keep.",
        "Capture both directions with one adapter: where two of them stamp the packets, sorting by time does not "
        "help.",
    ),
    _Flaw(
        Fact.MID_STREAM,
        Severity.INFO,
        Severity.INFO,
        "{connections} of {total} began before the capture: who is client and who is server is inferred, "
        "and window scales are unknown.",
        "Nothing to do, unless one of them matters: then start the capture before it.",
        asks_nothing=True,
    ),
    _Flaw(
        Fact.SYN_MISSING,
        Severity.INFO,
        Severity.INFO,
        "The SYN of {connections} of {total} was not captured, though its SYN-ACK was: the client's segment "
        "size and window scale are unknown, and how often it asked.",
        "Nothing to do, unless one of them matters: then start the capture before it.",
        asks_nothing=True,
    ),
    _Flaw(
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
        asks_nothing=True,
    ),
)
"""Facts that tell of the capture, the worst first."""
_ON_THE_AIR = (
    "The capture holds {copies} of {frames} twice: on the air a frame is sent again until it is acknowledged there, "
    "with the same packet in it. They are not counted as resent."
)
_RESETS_ALIKE = (
    "{copies} of {frames} are there twice, on no connection before its first reset: whoever injects resets often "
    "sends several alike. A tap that sees packets at two points would show others twice as well."
)


def contents(analysis: Analysis) -> Iterator[Overall]:
    """Judge the capture by what its connections show of it."""
    summary = analysis.summary
    total = sum(signature.count for signature in summary.signatures)
    interface = device(*analysis.captures)
    card = "eth0" if interface == "any" else interface
    single, in_midst = _begun_before(analysis)
    for flaw in _FLAWS:
        count, examples = tally(
            item
            for item in (in_midst if flaw.fact is Fact.MID_STREAM else summary.signatures)
            if _has(item, flaw.fact)
            and not (flaw.fact == Fact.FRAMES_MISSING and _came_later(analysis, item))
        )
        if not count or (flaw.fact is Fact.ONLY_CONTROL and summary.bare_acknowledgements):
            continue  # a filter on flags lets no bare acknowledgement pass: these few were missed
        if flaw.fact is Fact.FRAMES_DUPLICATED and (with_multiplied_frames(summary) or got_twice(analysis)):
            continue  # hosts get them as well (D62)
        copies = summary.duplicate_frames
        few = count * MANY <= total
        if flaw.fact == Fact.FRAMES_DUPLICATED:
            few = copies < _SOME_COPIES or copies * MANY < summary.frames
        shown = _as_it_is_here(analysis, flaw, count, examples)
        verdict = defect(
            flaw.few if few else flaw.many,
            shown.words.format(
                connections=some(count, "connection"),
                total=f"{total:,}",
                copies=some(copies, "frame"),
                frames=f"{summary.frames:,}",
            ),
            shown.advice.format(file=file_name(*analysis.captures), device=interface, card=card),
            count,
            examples,
            _shown(analysis, examples, flaw.fact),
        )
        yield replace(verdict, asks_nothing=shown.asks_nothing)
    yield from _ahead(analysis, total)
    if single:
        yield _single_segments(single, total)


def _begun_before(analysis: Analysis) -> tuple[list[Signature], list[Signature]]:
    """Part what began before the capture, as it seems: those of which one segment is all, and the others."""
    single, others = list[Signature](), list[Signature]()
    roll = Roll(analysis)
    for item in analysis.summary.signatures:
        if _has(item, Fact.MID_STREAM):
            (single if _is_one_segment(analysis, roll, item) else others).append(item)
    return single, others


def _single_segments(single: list[Signature], total: int) -> Overall:
    """Tell of connections of which one segment without data is all, but for a reset."""
    count, examples = tally(single)
    verdict = defect(
        Severity.INFO,
        f"Of {some(count, 'connection')} of {total:,} one segment without data is all, or one and a reset that "
        "answers it: such a segment belongs to a connection that began before the capture, or to none, as those of "
        "a scan or a flood do. Who is client is inferred.",
        "Nothing to do, unless one of them matters: then start the capture before it.",
        count,
        examples,
    )
    return replace(verdict, asks_nothing=True)


def _as_it_is_here(analysis: Analysis, flaw: _Flaw, count: int, examples: tuple[int, ...]) -> _Flaw:
    """Return a flaw with other words where copies have another cause."""
    if _is_of_the_air(analysis, flaw):
        return replace(flaw, words=_ON_THE_AIR)
    is_known = flaw.fact is Fact.FRAMES_DUPLICATED and count == len(examples)
    if not is_known or not all(_is_reset_before(analysis, one) for one in examples):
        return flaw
    return replace(
        flaw, words=_RESETS_ALIKE, advice="Nothing to do: they are counted once.", asks_nothing=True
    )


def _is_reset_before(analysis: Analysis, example: int) -> bool:
    """Say whether a connection was reset before a frame of it came twice, and several came before that reset."""
    one = analysis.connection(example)
    reset, doubled = sighting(one, Fact.RST_SENT), sighting(one, Fact.FRAMES_DUPLICATED)
    return bool(reset and doubled and one.frames > _FEW and reset.moment <= doubled.moment)


def _is_of_the_air(analysis: Analysis, flaw: _Flaw) -> bool:
    """Say whether copies are of frames of a radio link, as captured on the air."""
    links = [interface.link_name for capture in analysis.captures for interface in capture.interfaces]
    return flaw.fact is Fact.FRAMES_DUPLICATED and any(name.startswith("IEEE802_11") for name in links)


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
    """Say whether all that was acknowledged before it was captured came later: then it need not have been missed."""
    if Fact.REORDERED_BY_TAP not in signature.facts and not _is_thrown_away(signature):
        return False
    examples = [analysis.connection(example) for example in signature.examples]
    return not any(one.client.unseen_bytes or one.server.unseen_bytes for one in examples)


def _is_thrown_away(signature: Signature) -> bool:
    """Say whether an end of each connection that looks so sent again what seems acknowledged: it did not heed it."""
    ends = signature.client_facts, signature.server_facts
    return signature.count == len(signature.examples) and any(Fact.OLD_SEGMENT in facts for facts in ends)


def _ahead(analysis: Analysis, total: int) -> Iterator[Overall]:
    """Tell of acknowledgements of what was sent only later, whose receiver did not take them."""
    count, examples = tally(
        item
        for item in analysis.summary.signatures
        if _has(item, Fact.FRAMES_MISSING)
        and Fact.REORDERED_BY_TAP not in item.facts
        and _came_later(analysis, item)
    )
    if count:
        yield defect(
            Severity.NOTE,
            f"Bytes were acknowledged on {some(count, 'connection')} of {total:,} before they were captured; all of "
            "them came later, and what lies before them was sent again. Either such acknowledgements count more than "
            "was sent, and are thrown away (a broken stack or translator); or the capture missed the first copies, "
            "or its order is wrong.",
            "See at the end that acknowledges, or at the translator before it, what counts too far.",
            count,
            examples,
            _shown(analysis, examples, Fact.FRAMES_MISSING),
        )


def _is_one_segment(analysis: Analysis, roll: Roll, signature: Signature) -> bool:
    """Say whether one segment without data is all of each connection that looks so, or one and the reset that answers
    it: it may belong to no connection."""
    facts = signature.client_facts | signature.server_facts
    if not facts.isdisjoint((Fact.SENT_DATA, Fact.FIN_SENT)):
        return False
    ids, most = roll.members(signature), 2 if Fact.RST_NO_SOCKET in facts else 1
    are_alone = (one.frames <= most for one in map(analysis.connection, ids))
    return len(ids) == signature.count and all(are_alone)


def tally(signatures: Iterable[Signature]) -> tuple[int, tuple[int, ...]]:
    """Count connections of like kinds, and give examples of them."""
    found = list(signatures)
    examples = sorted({example for item in found for example in item.examples})
    return sum(item.count for item in found), tuple(examples[:SHOWN])


def _shown(analysis: Analysis, examples: tuple[int, ...], fact: Fact) -> tuple[int, ...]:
    """Name the frames that showed a fact about some connections."""
    facts = (item for example in examples for item in analysis.connection(example).facts)
    return tuple(sorted({item.frame for item in facts if item.fact is fact}))


def defect(
    severity: Severity,
    explanation: str,
    advice: str,
    count: int = 1,
    examples: tuple[int, ...] = (),
    frames: tuple[int, ...] = (),
) -> Overall:
    """Make the verdict."""
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
