"""Counts that add up, and the bars that they must clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Ratio:
    """So many right of so many; an end of which a part of the life was told right counts by that part."""

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
    "diagnosis": "diagnoses named",
}

BARS = {"proven": 1.0, "final": 0.99, "sequence": 0.97, "time": 0.98, "live": 0.95}
"""The least share of each measure, over all captures together."""


@dataclass(frozen=True)
class Disagreement:
    """One thing that wirestat got wrong, or did not say."""

    case: str
    tap: str
    connection: str
    side: str
    measure: str
    truth: str
    told: str
    note: str = ""

    def __str__(self) -> str:
        lines = [f"{self.case}/{self.tap} {self.connection} {self.side}: {self.measure}"]
        lines += [f"    truth  {self.truth}", f"    told   {self.told}"]
        if self.note:
            lines.append(f"    note   {self.note}")
        return "\n".join(lines)


@dataclass
class Score:
    """What was right of how much, by measure; times are in nanoseconds."""

    ratios: dict[str, Ratio] = field(default_factory=lambda: {measure: Ratio() for measure in MEASURES})
    disagreements: list[Disagreement] = field(default_factory=list)
    extra_diagnoses: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: Score) -> Score:
        for measure, ratio in other.ratios.items():
            self.ratios[measure] += ratio
        self.disagreements += other.disagreements
        self.extra_diagnoses += other.extra_diagnoses
        return self

    def below_bars(self) -> list[str]:
        """The measures that miss their bar, in words."""
        missed = []
        for measure, bar in BARS.items():
            share = self.ratios[measure].share
            if share is not None and share < bar:
                missed.append(f"{MEASURES[measure]}: {share:.2%}, the bar is {bar:.0%}")
        return missed


def total(scores: Iterable[Score]) -> Score:
    """Add up."""
    found = Score()
    for score in scores:
        found += score
    return found
