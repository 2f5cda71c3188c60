"""The capture as a suspect: its defects, and how much less certain they make each verdict.

A verdict rests on something (``Basis``): that a packet was never sent, that one was sent twice, that one came
before another. A capture that drops packets says little about silence, and nothing less about a reset that it
holds. So each defect weakens those verdicts alone that rest on what it spoils.
"""

from collections.abc import Iterable, Iterator

import msgspec

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.registry import Basis
from wirestat.diagnosis.study.clock import ClockStep, steps, wait_beyond_sense
from wirestat.diagnosis.study.standstill import Standstill, standstill
from wirestat.model import Severity, State
from wirestat.spans import span
from wirestat.summary import Signature, Summary
from wirestat.timers import DAY
from wirestat.vocabulary import Fact
from wirestat.words import some

MILDER = {Severity.ERROR: Severity.WARNING, Severity.WARNING: Severity.NOTE}
"""The highest confidence of a finding that the capture may have made up."""


_WITHOUT = 64
"""So many segments with data, and no bare acknowledgement: no dialogue gets along without any for so long."""
_SOME_SYNS = 16
"""Fewer are no capture of a filter, but one that ended soon."""
_SEVERAL = 3
"""So many hosts are not down together, nor do so many clients scan at one time."""
_ASKED_AGAIN = frozenset({Fact.SYN_RESENT, Fact.SYN_ACK_RESENT})
_NEARLY_HALF = 9, 20
"""A tap that holds each frame twice may miss some copies."""


class Doubt(msgspec.Struct, frozen=True):
    """One defect of the capture, as far as a verdict is concerned."""

    words: str
    spoils: frozenset[Basis] | None
    """``None``: whatever a verdict rests on."""
    steps: int = 1
    """How many steps the confidence goes down: 2 leads from certain to possible."""

    def takes_from(self, basis: frozenset[Basis]) -> bool:
        """Tell whether it takes something away from a verdict that rests on this."""
        return self.spoils is None or not self.spoils.isdisjoint(basis)


class Quality(msgspec.Struct, frozen=True):
    """Defects of the capture as a whole."""

    dropped: int
    """Packets that the capture reports to have lost."""
    one_way: bool
    """Only one direction was captured of every connection of which both ends have a state."""
    backward_steps: int
    clock_steps: tuple[ClockStep, ...]
    """When its clock was set, as far as that shows."""
    only_data: bool
    """No bare acknowledgement was captured: those were left out."""
    all_twice: bool
    """Nearly every segment is there twice, as on both sides of a router: a third copy was sent again."""
    stood_still: Standstill | None
    """When nothing of any kind was captured, though there was much before and after."""
    has_no_clock: bool = False
    """Its times make no sense."""

    @classmethod
    def of(cls, analysis: Analysis) -> "Quality":
        """Measure it."""
        signatures = analysis.summary.signatures
        interfaces = (interface for capture in analysis.captures for interface in capture.interfaces)
        return cls(
            dropped=sum(interface.dropped or 0 for interface in interfaces),
            one_way=one_way(signatures),
            backward_steps=sum(capture.backward_steps for capture in analysis.captures),
            clock_steps=steps(analysis),
            only_data=holds_only_data(analysis.summary),
            all_twice=_is_all_there_twice(analysis.summary),
            stood_still=standstill(analysis),
            has_no_clock=wait_beyond_sense(analysis) is not None,
        )


def one_way(signatures: Iterable[Signature]) -> bool:
    """Say whether the capture holds one direction only; connections of which one end never spoke do not count."""
    got_on = [item for item in signatures if State.UNKNOWN not in (item.client_state, item.server_state)]
    return bool(got_on) and all(Fact.ONE_WAY in item.facts for item in got_on)


def _is_all_there_twice(summary: Summary) -> bool:
    """Say whether copies make up nearly half of the segments."""
    return summary.duplicate_frames * _NEARLY_HALF[1] >= summary.tcp_segments * _NEARLY_HALF[0] > 0


def holds_only_data(summary: Summary) -> bool:
    """Say whether all bare acknowledgements were left out: who always answers with data may do without a few."""
    return summary.bare_acknowledgements == 0 and summary.data_segments >= _WITHOUT


def holds_only_syns(summary: Summary) -> bool:
    """Say whether the capture holds SYNs and SYN-ACKs, each of them once for the most part, and nothing else of TCP.

    Whoever is not answered sends again. A filter that keeps SYNs alone lets nothing pass that would answer.
    """
    if summary.data_segments or summary.bare_acknowledgements or summary.tcp_segments < _SOME_SYNS:
        return False
    again = 0
    for item in summary.signatures:
        facts = item.client_facts | item.server_facts
        if Fact.FIN_SENT in facts or Fact.RST_SENT in facts:
            return False
        again += item.count if facts & _ASKED_AGAIN else 0
    return 2 * again < summary.connections


def leaves_out_answers(summary: Summary) -> bool:
    """Say whether the capture holds the first SYNs of several clients to several hosts, and no answer to anybody."""
    if not holds_only_syns(summary) or any(
        item.server_state is not State.UNKNOWN for item in summary.signatures
    ):
        return False
    hosts = {listener.address for listener in summary.listeners}
    return min(len(summary.clients), len(hosts)) >= _SEVERAL


def doubts(case: Case, quality: Quality) -> Iterator[Doubt]:
    """Return the defects of the capture that speak against trusting it about this connection."""
    if quality.one_way:
        yield Doubt("the capture holds one direction only", frozenset({Basis.SILENCE, Basis.ORDER}), steps=2)
    elif case.has(Fact.ONE_WAY):
        yield Doubt(
            "segments of one end only were captured", frozenset({Basis.SILENCE, Basis.ORDER}), steps=2
        )
    if quality.only_data:
        left_out = "the capture holds no bare acknowledgement: a filter has left them out"
        yield Doubt(left_out, frozenset({Basis.SILENCE, Basis.ORDER}), steps=2)
    if quality.dropped:
        lost = some(quality.dropped, "packet")
        yield Doubt(f"the capture dropped {lost}", frozenset({Basis.SILENCE}))
    if case.has(Fact.FRAMES_MISSING):
        yield Doubt("bytes were acknowledged that were never captured", frozenset({Basis.SILENCE}))
    if case.has(Fact.FRAMES_DUPLICATED) and not quality.all_twice:
        yield Doubt("the capture holds frames twice", frozenset({Basis.REPEATS}))
    if case.has(Fact.REORDERED_BY_TAP):
        yield Doubt("the capture changed the order of segments", frozenset({Basis.ORDER}))
    if quality.stood_still and _lived_through(case, quality.stood_still):
        nothing = (
            f"the capture holds no frame of any kind for {span(quality.stood_still.length_ns)} of its time"
        )
        yield Doubt(nothing, frozenset({Basis.SILENCE, Basis.TIMES}))
    if any(end.has(Fact.FRAGMENTS_DIFFER) for end in case.ends):
        words = "segments came in IP fragments that overlap and differ: the hosts may have read others"
        yield Doubt(words, None)
    if case.has(Fact.MID_STREAM):
        yield Doubt("the connection began before the capture", frozenset({Basis.OPENING}))
    if (unseen := case.now_ns - case.connection.last_time_ns) > DAY:
        pieces = f"nothing of it was captured for the last {span(unseen)}: the capture may be one of several pieces"
        yield Doubt(pieces, frozenset({Basis.TIMES}))
    yield from _set_clock(case, quality)


def _set_clock(case: Case, quality: Quality) -> Iterator[Doubt]:
    for step in quality.clock_steps:
        if step.was_lived_through(case.connection):
            how = "was set back by at least" if step.by_ns < 0 else "leapt ahead by"
            words = f"the clock of the capture {how} {span(abs(step.by_ns))} meanwhile"
            yield Doubt(words, frozenset({Basis.TIMES, Basis.SILENCE, Basis.ORDER}))
            return
    if quality.backward_steps:
        back = f"time ran backward {some(quality.backward_steps, 'time')} in the capture"
        yield Doubt(back, frozenset({Basis.TIMES}))


def _lived_through(case: Case, still: Standstill) -> bool:
    """Say whether a connection began before nothing was captured for a while, and ended after that or not at all."""
    is_over = all(end.state is State.CLOSED for end in case.ends)
    ended = case.connection.last_time_ns if is_over else case.now_ns
    return case.connection.first_time_ns <= still.from_ns and ended >= still.until_ns
