"""Counts that add up, and the bars that they must clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .truth import Address, TrueConnection


@dataclass
class Ratio:
    """How many of a total are right; an end that is right for a part of its life counts by that part."""

    right: float = 0
    total: int = 0

    def count(self, right: float) -> None:
        """Add one that is right (1, True), wrong (0, False) or right in part."""
        self.right += right
        self.total += 1

    def __iadd__(self, other: Ratio) -> Ratio:
        self.right += other.right
        self.total += other.total
        return self

    @property
    def share(self) -> float | None:
        """Between 0 and 1; ``None`` where there was nothing to judge."""
        return self.right / self.total if self.total else None


MEASURES = {
    "sequence": "exact sequences",
    "final": "final states",
    "uncertain": "of what is unknowable, reported as uncertain",
    "instants": "states in the middle of pauses",
    "time": "time-weighted agreement, afterwards",
    "live": "time-weighted agreement, live",
    "proven": "seen or confirmed and right",
    "presumed": "presumed and right",
    "implied": "implied and right",
    "timer": "by timer and right",
    "diagnosis": "diagnoses named, at each tap",
    "strict_final": "final states or an alternative, strictly",
    "strict_proven": "seen or confirmed and right, strictly",
}

GRAVE = ("sequence", "final", "uncertain", "proven")
"""Errors in these measures are errors in substance; a wrong span of time is often only a late conclusion."""

BARS = {"proven": 1.0, "final": 0.99, "sequence": 0.97, "time": 0.98, "live": 0.95}
"""The least share of each measure, over all ends."""
BARS_ALIKE = ("proven", "final", "sequence", "time")
"""These must also clear the bar as the mean over cases. The live view need not: it cannot foresee losses, which half
of the cases have."""


@dataclass(frozen=True)
class Disagreement:
    """One statement of wirestat that is wrong or missing."""

    case: str
    tap: str
    connection: str
    side: str
    measure: str
    truth: str
    told: str
    note: str = ""

    @property
    def is_grave(self) -> bool:
        """Whether it is about what happened, not only about when it was known."""
        return self.measure in GRAVE

    def __str__(self) -> str:
        lines = [f"{self.case}/{self.tap} {self.connection} {self.side}: {self.measure}"]
        lines += [f"    truth  {self.truth}", f"    told   {self.told}"]
        if self.note:
            lines.append(f"    note   {self.note}")
        return "\n".join(lines)


@dataclass(frozen=True)
class FinalTruth:
    """The final state of one judged end; the claims of other tools are judged by it too."""

    tap: str
    connection: TrueConnection
    address: Address
    begins_ns: int
    ends_ns: int
    right: frozenset[str]
    told: frozenset[str]
    """Wirestat's statement: the state and, where that is doubtful, its alternatives."""


@dataclass
class Score:
    """The share that is right, by measure."""

    ratios: dict[str, Ratio] = field(default_factory=lambda: {measure: Ratio() for measure in MEASURES})
    disagreements: list[Disagreement] = field(default_factory=list)
    extra_diagnoses: Counter[str] = field(default_factory=Counter)
    """Findings that the truth does not call for, mere remarks left out."""
    deserved: set[tuple[str, str]] = field(default_factory=set)
    """Cases with the diagnoses that their truth calls for ..."""
    named: set[tuple[str, str]] = field(default_factory=set)
    """... and those of them that were found."""
    finals: list[FinalTruth] = field(default_factory=list)
    ladders: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """For each connection told wrong, by case, tap and label."""

    def __iadd__(self, other: Score) -> Score:
        for measure, ratio in other.ratios.items():
            self.ratios[measure] += ratio
        self.disagreements += other.disagreements
        self.extra_diagnoses += other.extra_diagnoses
        self.deserved |= other.deserved
        self.named |= other.named
        self.finals += other.finals
        self.ladders |= other.ladders
        return self


def total(scores: Iterable[Score]) -> Score:
    """Add up."""
    found = Score()
    for score in scores:
        found += score
    return found
