"""Runs the rules: once a signature, then on each connection that the signature names."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from wirestat.crossing import Comparison, share_nothing
from wirestat.diagnosis import grouping
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.doubts import Quality, weaken
from wirestat.diagnosis.filters import without_frames
from wirestat.diagnosis.finding import finding, urgency
from wirestat.diagnosis.foreign import foreign_resets
from wirestat.diagnosis.grouping import Hit
from wirestat.diagnosis.located import locate
from wirestat.diagnosis.registry import RULES, Rule
from wirestat.diagnosis.repaired import repaired
from wirestat.diagnosis.verdict import Overall, Verdict
from wirestat.model import Confidence, Finding, Signature

_LIKE_FOREIGN = frozenset({"D07", "D08", "D09", "D18", "D27", "D28"})
"""What a reset looks like that somebody on the way made up."""


def diagnose(analysis: Analysis, comparison: Comparison | None = None) -> tuple[Finding, ...]:
    """Return every finding: in an order that never changes (``urgency``).

    With a ``comparison`` of several captures, what one of them must leave open is settled by the others.
    """
    quality = Quality.of(analysis)
    rules = tuple(RULES.values())
    overall = [(rule, verdict) for rule in rules for verdict in _capture_verdicts(rule, analysis)]
    included = {
        (id, example) for _, verdict in overall for id in verdict.replaces for example in verdict.absorbs
    }
    hits: Iterable[Hit] = (
        hit
        for signature in analysis.summary.signatures
        for hit in judge(signature, rules, analysis, quality)
        if (hit.rule.id, hit.case.example) not in included
    )
    if comparison:
        hits = _compared(hits, comparison, analysis)
        if share_nothing(comparison):
            hits = map(_doubted, hits)
    findings = (*grouping.findings(hits), *(finding(rule, verdict) for rule, verdict in overall))
    found = sorted(findings, key=urgency)
    return tuple(map(without_frames, found) if comparison else found)


def judge(signature: Signature, rules: Iterable[Rule], analysis: Analysis, quality: Quality) -> Iterator[Hit]:
    """Judge the connections of one signature.

    Where no rule says anything about the first and none has asked for its exact figures, the others are the same.
    """
    if not signature.examples:
        return
    first, *others = (Case(signature, example, analysis) for example in signature.examples)
    judged = [(first, _verdicts(first, rules))]
    if not judged[0][1] and not first.is_exact:
        return
    judged += [(case, _verdicts(case, rules)) for case in others]
    by_all = set.intersection(*({rule.id for rule, _ in verdicts} for _, verdicts in judged))
    unnamed = signature.count - len(signature.examples)
    for case, verdicts in judged:
        for rule, verdict in verdicts:
            stands_for = unnamed if case is first and rule.id in by_all else 0
            yield Hit(rule, case, weaken(rule, verdict, case, quality), stands_for)


def _compared(hits: Iterable[Hit], comparison: Comparison, analysis: Analysis) -> Iterator[Hit]:
    """Settle the hits, and put resets that the host itself never sent in the place of what they look like."""
    foreign = list(foreign_resets(comparison, analysis))
    explained = {hit.case.example for hit in foreign}
    for hit in locate(hits, comparison):
        if not (hit.case.example in explained and hit.rule.id in _LIKE_FOREIGN):
            yield hit
    yield from foreign
    yield from repaired(comparison, analysis)


def _doubted(hit: Hit) -> Hit:
    """Take certainty from what two captures settle that may not be of the same traffic."""
    verdict = hit.verdict
    if verdict.confidence is not Confidence.CERTAIN:
        return hit
    doubts = (*verdict.doubts, "no connection is in two captures: they may not be of the same traffic")
    return hit._replace(verdict=replace(verdict, confidence=Confidence.LIKELY, doubts=doubts))


def _verdicts(case: Case, rules: Iterable[Rule]) -> list[tuple[Rule, Verdict]]:
    """Ask every rule about one connection, and drop what is included in something worse."""
    verdicts = [(rule, verdict) for rule in rules if rule.judge and (verdict := rule.judge(case))]
    replaced = {id for rule, _ in verdicts for id in rule.replaces}
    return [(rule, verdict) for rule, verdict in verdicts if rule.id not in replaced]


def _capture_verdicts(rule: Rule, analysis: Analysis) -> Iterable[Overall]:
    return rule.judge_capture(analysis) if rule.judge_capture else ()
