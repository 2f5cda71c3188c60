"""Findings on a conversation, with one forged segment in it and without.

A likely or certain finding that appears or disappears because of the forged segment is harm: an engineer would act
on it. A finding that names the forged segment as such is right: see :data:`NAMING`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import wirestat
from tests.packets.files import Frame, pcap
from wirestat.model import Confidence, Finding

from .conversation import Conversation
from .forgery import Forged

NAMING = frozenset({"D18", "D28", "D33", "D43"})
"""Diagnoses that may name a forged segment: its receiver did not take it, or its alleged sender did not send it. They
are an injected reset, a reset or a SYN without effect, and an answer of another host in the name of this one. Such a
finding is right if the forged segment is among its frames."""

FIRM = frozenset({Confidence.LIKELY, Confidence.CERTAIN})


@dataclass(frozen=True)
class Slip:
    """A finding that one forged segment has brought up or taken away."""

    kind: str
    """``said``: a finding about an event that did not happen. ``unsaid``: a right finding that is gone."""
    finding: Finding
    conversation: Conversation
    forged: Forged

    @property
    def named(self) -> str:
        return f"{self.kind} {self.finding.id}"


def slips(conversation: Conversation, forgeries: list[Forged]) -> Iterator[Slip]:
    """Play the conversation once as it was, and once with each of these in it; yield what the rules say otherwise."""
    before = _findings(conversation, None)
    for forged in forgeries:
        yield from compare(conversation, forged, before, _findings(conversation, forged))


def compare(
    conversation: Conversation, forged: Forged, before: list[Finding], after: list[Finding]
) -> Iterator[Slip]:
    """Yield the findings that came and went. One that is only less sure than before is hedged, and no harm."""
    known, still = {finding.id for finding in before}, {finding.id for finding in after}
    frame = forged.position + 1
    for finding in after:
        names_it = finding.id in NAMING and frame in finding.frames
        if finding.confidence in FIRM and finding.id not in known and not names_it:
            yield Slip("said", finding, conversation, forged)
    for finding in before:
        if finding.confidence in FIRM and finding.id not in still:
            yield Slip("unsaid", finding, conversation, forged)


def _findings(conversation: Conversation, forged: Forged | None) -> list[Finding]:
    """The findings on the connections, as if the capture held nothing else."""
    capture = pcap(list(frames(conversation, forged)), nanoseconds=True)
    return list(wirestat.analyze(capture, jobs=1).findings)


def frames(conversation: Conversation, forged: Forged | None) -> Iterator[Frame]:
    """The conversation as captured, with the forged segment at its place."""
    for position in range(len(conversation.captured) + 1):
        if forged is not None and forged.position == position:
            yield forged.time_ns, len(forged.frame), forged.frame
        if position < len(conversation.captured):
            raw = conversation.captured[position].frames[conversation.tap].raw
            yield conversation.times[position], len(raw), raw
