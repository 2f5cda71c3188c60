"""FINs or resets that alone are lost between two points of a comparison, each of them, while all else passes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from wirestat.crossing import Comparison
from wirestat.diagnosis import roster
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.compared.entries import Entry
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.registry import Rule
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Fault, Severity
from wirestat.words import some

_SOME = 6
"""Fewer are lost by chance, or by a tap."""
_CONNECTIONS = 3
"""Those of fewer may have been lost for what they are, and not for their flag."""
_PASSED = 50
"""So many other segments tell that the way was there."""
_MEANS = {
    "FIN": (
        "D13",
        "and whom it was sent to does not learn that the other end has closed",
        frozenset({"D13"}),
    ),
    "RST": (
        "D28",
        "and who was reset or refused does not learn of it: it sends again, and waits",
        frozenset({"D28", "D09"}),
    ),
}
"""By kind: the rule of such a loss, its consequence, and the diagnoses that it explains."""


def lost_of_one_kind(
    entered: Mapping[tuple[int, int], Sequence[Entry]], comparison: Comparison, analysis: Analysis
) -> Iterator[tuple[Rule, Overall]]:
    """Tell of FINs, or resets, none of which passed a stretch, though nothing else was lost on it."""
    found: defaultdict[tuple[str, tuple[int, int]], list[tuple[int, int]]] = defaultdict(list)
    for (before, behind), entries in entered.items():
        if kind := _lost_alone(entries):
            found[kind, (min(before, behind), max(before, behind))].append((before, behind))
    for (kind, _), ways in found.items():
        yield roster.rule(_MEANS[kind][0]), _dropped(kind, ways, entered, comparison, analysis)


def _lost_alone(entries: Sequence[Entry]) -> str | None:
    """Return the kind of segment that alone was lost, and of which none passed."""
    lost = [one for one in entries if one.is_lost]
    passed = [one.kind for one in entries if not one.is_lost]
    kinds = {one.kind for one in lost}
    if len(kinds) != 1 or len(lost) < _SOME or len(passed) < _PASSED:
        return None
    (kind,) = kinds
    if kind not in _MEANS or kind in passed or len({one.id for one in lost}) < _CONNECTIONS:
        return None
    return kind


def _dropped(
    kind: str,
    ways: Sequence[tuple[int, int]],
    entered: Mapping[tuple[int, int], Sequence[Entry]],
    comparison: Comparison,
    analysis: Analysis,
) -> Overall:
    lost = [[one for one in entered[way] if one.is_lost] for way in ways]
    ids = sorted({one.id for each in lost for one in each})
    told = " and ".join(
        f"all {len(each):,} from {comparison.points[before].name} to {comparison.points[behind].name}"
        for (before, behind), each in zip(ways, lost, strict=True)
    )
    passed = sum(len(entered[way]) - len(each) for way, each in zip(ways, lost, strict=True))
    _, follows, explains = _MEANS[kind]
    return Overall(
        severity=Severity.WARNING,
        fault=Fault.PATH,
        explanation=f"Every {kind} was lost, {told}, on {some(len(ids), 'connection')}, and nothing else was: "
        f"{passed:,} other segments passed. Something between these points drops every {kind}, {follows}.",
        rivals=(
            cause("a filter that drops by flags, or takes them for an attack (a scan by FIN or RST)"),
            cause("connection tracking that calls them invalid"),
            ruled_out("chance loss", "it spares all other segments"),
            ruled_out("a tap that misses packets", "it would miss others as well"),
        ),
        advice=advise(
            f"Look for what drops a {kind} between these two points.",
            f"  gateway$ nft list ruleset | grep -niE '{kind.lower()}|invalid'",
            "  gateway$ conntrack -S | grep -E 'invalid=[1-9]'",
        ),
        count=len(ids),
        examples=tuple(ids),
        place=place_of_examples(analysis, ids, are_all=True),
        replaces=explains,
        absorbs=frozenset(ids),
    )
