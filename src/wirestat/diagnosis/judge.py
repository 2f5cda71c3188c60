"""Runs the rules: once a signature, then on each connection that the signature names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from wirestat.diagnosis import grouping, roster
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.certainty import Weighed, weigh, weigh_overall
from wirestat.diagnosis.doubts import Quality
from wirestat.diagnosis.filters import without_frames
from wirestat.diagnosis.finding import finding, urgency
from wirestat.diagnosis.grouping import Hit
from wirestat.diagnosis.members import Look, Roll, look
from wirestat.diagnosis.naming import Naming
from wirestat.diagnosis.places import NOWHERE, place_of_examples
from wirestat.diagnosis.registry import Basis, Rule
from wirestat.diagnosis.study import Study
from wirestat.diagnosis.study.tap import Taps
from wirestat.diagnosis.verdict import Overall, Verdict
from wirestat.model import Confidence, Finding
from wirestat.summary import Signature
from wirestat.timers import MINUTE
from wirestat.vocabulary import Fact

if TYPE_CHECKING:
    from wirestat.beside import Beside
    from wirestat.crossing import Comparison

_LEFT = MINUTE
"""A silence that is no longer than this without the leap of the clock is not worth a finding."""
_COMPARED = 1000
"""Connections with what came into their path between the points, or was lost there, that are looked at."""
_LIKE_FOREIGN = frozenset({"D02", "D05", "D06", "D07", "D08", "D09", "D18", "D27", "D28", "D44"})
"""The signs of a reset that somebody on the way made up, or of a SYN that somebody else answered."""

_OF_WORDS = frozenset({"D10", "D11", "D12", "D16", "D17", "D30", "D35", "D36", "D50", "D51"})
"""Diagnoses that rest on who said what, or who closed: in Multipath TCP both may be on another path (RFC 8684)."""


class Judged(msgspec.Struct, frozen=True):
    """All that the rules say about a capture."""

    findings: tuple[Finding, ...]
    """Findings about the capture come first, then the most severe, in an order that never changes."""
    naming: Naming
    """Which of them speak of a connection."""
    taps: Taps
    """Where the tap stands on the path of two hosts, as the rules know it."""


def diagnose(analysis: Analysis, comparison: Comparison | None = None) -> tuple[Finding, ...]:
    """Return every finding: what spoils the capture first, then the most severe, in an order that never changes.

    With a ``comparison`` of several captures, what one of them must leave open is settled by the others.
    """
    return judge(analysis, comparison).findings


def judge(analysis: Analysis, comparison: Comparison | None = None) -> Judged:
    """Ask all rules, and tell beside the findings which of them speak of a connection."""
    overall = [
        (rule, verdict)
        for rule in roster.of_captures()
        for verdict in _capture_verdicts(rule, analysis)
        if comparison is None or not verdict.is_for_one_point
    ]
    if comparison:
        from wirestat.diagnosis.compared.located import (
            locate_overall,  # here, because only a comparison has points
        )
        from wirestat.diagnosis.compared.stretches import stretches

        overall = [(rule, locate_overall(rule, verdict, comparison)) for rule, verdict in overall]
        overall += stretches(comparison, analysis)
    court = _Court(analysis, [verdict for _, verdict in overall])
    hits: Iterable[Hit] = court.hits()
    if comparison:
        from wirestat.crossing import share_nothing  # here, because only a comparison has points

        hits = _compared(hits, comparison, analysis)
        if share_nothing(comparison):
            hits = map(_doubted, hits)
    beside: Beside | None = getattr(analysis, "beside", None)
    if beside is not None:
        from wirestat.diagnosis.testified import testify  # here, because only a live capture has a kernel

        hits = testify(hits, beside)
    told: list[tuple[Finding, Sequence[Hit], Overall | None]] = [
        *((one, group, None) for one, group in grouping.findings(hits)),
        *((_overall(rule, verdict, analysis, beside), (), verdict) for rule, verdict in overall),
    ]
    told.sort(key=lambda one: urgency(one[0]))
    is_of_one = comparison is None and _is_of_one_file(analysis)
    findings = tuple(one[0] if is_of_one else without_frames(one[0]) for one in told)
    naming = Naming(findings, court.judged)
    for place, (_, group, verdict) in enumerate(told):
        for hit in group:
            naming.note(place, hit.case.example)
            if hit.more:
                naming.note_alike(place, look(hit.case.connection))
        if verdict:
            naming.note_looks(place, verdict.looks)
            for id in verdict.absorbs:
                naming.note(place, id)
    return Judged(findings, naming, court.taps)


def _is_of_one_file(analysis: Analysis) -> bool:
    """Say whether frames have the numbers that Wireshark gives them; several files are counted through.

    What is captured live has them in the file that it is written to, of however many interfaces it is.
    """
    return sum(not capture.is_live for capture in analysis.captures) <= 1


def _overall(rule: Rule, verdict: Overall, analysis: Analysis, beside: Beside | None) -> Finding:
    placed, weighed = _placed(analysis, verdict), weigh_overall(rule, verdict)
    if beside is not None:
        from wirestat.diagnosis.testified import testify_overall

        placed, weighed = testify_overall(rule, placed, weighed, beside)
    return finding(rule, placed, weighed)


class _Absorbed:
    """Which connections are part of something larger, by the rules that it replaces."""

    def __init__(self, overall: Iterable[Overall]) -> None:
        self._ids: defaultdict[str, set[int]] = defaultdict(set)
        self._looks: defaultdict[str, set[Look]] = defaultdict(set)
        for verdict in overall:
            for rule in verdict.replaces:
                self._ids[rule].update(verdict.absorbs)
                self._looks[rule].update(verdict.looks)

    def includes(self, hit: Hit) -> bool:
        """Say whether what is said of a connection is said of something larger already."""
        looks = self._looks[hit.rule.id]
        return hit.case.example in self._ids[hit.rule.id] or (
            bool(looks) and look(hit.case.connection) in looks
        )


class _Court:
    """Judges the connections of a capture, signature by signature."""

    def __init__(self, analysis: Analysis, overall: Iterable[Overall]) -> None:
        self._analysis = analysis
        self._quality = Quality.of(analysis)
        self._roll = Roll(analysis)
        self._study = Study(analysis, self._roll)
        self._absorbed = _Absorbed(overall)
        self.taps = self._study.taps
        self.judged: set[int] = set()
        """Ids of those that were judged one by one."""

    def hits(self) -> Iterator[Hit]:
        """Yield what is said of each connection that is not part of something larger."""
        for signature in self._analysis.summary.signatures:
            for hit in self._signature(signature):
                if self._quality.has_no_clock and Basis.TIMES in hit.rule.rests_on:
                    continue
                if not self._absorbed.includes(hit) and not self._is_leap(hit):
                    yield hit

    def _is_leap(self, hit: Hit) -> bool:
        """Say whether the time that a verdict rests on is but a leap of the capture's clock."""
        measure = hit.verdict.measure
        if measure is None or Basis.TIMES not in hit.rule.rests_on:
            return False
        return any(
            0 <= measure - step.by_ns < _LEFT and step.was_lived_through(hit.case.connection)
            for step in self._quality.clock_steps
            if step.by_ns > 0
        )

    def _signature(self, signature: Signature) -> Iterator[Hit]:
        """Judge the connections of one signature.

        A rule that says nothing about the first, and has not asked for its exact figures, says nothing about any
        of the others.
        """
        if not signature.examples:
            return
        first = Case(signature, signature.examples[0], self._analysis, self._study)
        asked, verdicts = _first_verdicts(first)
        if not asked:
            return
        members = self._roll.members(signature)
        judged = [(first, verdicts)]
        for id in members:
            if id != first.example:
                case = Case(signature, id, self._analysis, self._study)
                judged.append((case, _verdicts(case, asked)))
        self.judged.update(case.example for case, _ in judged)
        by_all = set.intersection(*({rule.id for rule, _ in verdicts} for _, verdicts in judged))
        unnamed = signature.count - len(members)
        for case, verdicts in judged:
            for rule, verdict in verdicts:
                stands_for = unnamed if case is first and rule.id in by_all else 0
                yield Hit(rule, case, verdict, weigh(rule, verdict, case, self._quality), stands_for)


def _compared(hits: Iterable[Hit], comparison: Comparison, analysis: Analysis) -> Iterator[Hit]:
    """Settle the hits, and put resets that the host itself never sent in the place of what they look like."""
    from wirestat.diagnosis.compared.foreign import foreign_answers
    from wirestat.diagnosis.compared.located import locate
    from wirestat.diagnosis.compared.parted import Parted
    from wirestat.diagnosis.compared.repaired import repaired

    injected = comparison.with_injected(_COMPARED)
    troubled = comparison.troubled(_COMPARED)[0] if injected else ()
    parted = Parted(comparison, analysis, injected)
    answers = foreign_answers(comparison, analysis, injected, troubled)
    foreign = [hit for hit in answers if hit.case.example not in parted.ids]
    explained = {hit.case.example for hit in foreign}
    hits = list(hits)
    yield from (hit for hit in hits if hit.case.example in parted.ids)
    for hit in locate((hit for hit in hits if hit.case.example not in parted.ids), comparison):
        if not (hit.case.example in explained and hit.rule.id in _LIKE_FOREIGN):
            yield hit
    yield from foreign
    yield from parted.hits()
    yield from repaired(comparison, analysis)


def _doubted(hit: Hit) -> Hit:
    """Take certainty from what two captures settle that may not be of the same traffic."""
    weighed = hit.weighed
    if weighed.confidence is not Confidence.CERTAIN:
        return hit
    doubts = (*weighed.doubts, "no connection is in two captures: they may not be of the same traffic")
    return replace(hit, weighed=Weighed(Confidence.LIKELY, weighed.severity, doubts))


def _is_subflow(case: Case) -> bool:
    """Say whether both ends agreed that this is one of several paths of a connection."""
    return case.server.has(Fact.SYN_WITH_MULTIPATH)


def _first_verdicts(case: Case) -> tuple[list[Rule], list[tuple[Rule, Verdict]]]:
    """Ask every rule about the first connection of its signature: those that may say something of the others as well,
    and what they say of this one."""
    if case.has(Fact.NUMBERS_SENSELESS):
        return [], []  # that is said of the capture; whatever else is found would rest on made-up numbers
    is_subflow = _is_subflow(case)
    asked: list[Rule] = []
    verdicts: list[tuple[Rule, Verdict]] = []
    for rule in roster.of_connections(case.facts | case.client.facts | case.server.facts):
        if rule.judge is None or (rule.id in _OF_WORDS and is_subflow):
            continue
        case.is_exact = False
        verdict = rule.judge(case)
        if verdict or case.is_exact:
            asked.append(rule)
        if verdict:
            verdicts.append((rule, verdict))
    return asked, _worst(verdicts)


def _verdicts(case: Case, asked: Iterable[Rule]) -> list[tuple[Rule, Verdict]]:
    """Ask some rules about one connection."""
    verdicts = [(rule, verdict) for rule in asked if rule.judge and (verdict := rule.judge(case))]
    return _worst(verdicts)


def _worst(verdicts: list[tuple[Rule, Verdict]]) -> list[tuple[Rule, Verdict]]:
    """Drop what is included in something worse."""
    replaced = {id for rule, _ in verdicts for id in rule.replaces}
    return [(rule, verdict) for rule, verdict in verdicts if rule.id not in replaced]


def _placed(analysis: Analysis, verdict: Overall) -> Overall:
    """Say of a verdict where it is and since when, by its examples, as far as its rule has not said so."""
    if verdict.place.since_ns is not None or not verdict.examples:
        return verdict
    are_all = verdict.count <= len(verdict.examples)
    found = place_of_examples(analysis, verdict.examples, are_all=are_all)
    place = found if verdict.place == NOWHERE else replace(verdict.place, since_ns=found.since_ns)
    return replace(verdict, place=place)


def _capture_verdicts(rule: Rule, analysis: Analysis) -> Iterable[Overall]:
    return rule.judge_capture(analysis) if rule.judge_capture else ()
