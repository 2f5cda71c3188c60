"""The score of many cases, in all the sums that a reader wants."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .case import score_case
from .peers import PEERS, Claims, run
from .tally import BARS, BARS_ALIKE, MEASURES, FinalTruth, Ratio, Score, total


@dataclass(frozen=True)
class PeerScore:
    """One tool: the number of ends it reports on, and of those it reports right."""

    name: str
    claimed: Ratio
    """Ends about which the tool claims a state, of all that were judged."""
    right: Ratio
    """Right claims, of all claims."""
    captures: Ratio
    """Captures on which the tool claims every end, and every end right."""


@dataclass(frozen=True)
class Result:
    """Everything, by case and tap."""

    by_case: dict[str, dict[str, Score]]
    peers: list[PeerScore]

    @property
    def everything(self) -> Score:
        """All cases, all taps."""
        return total(score for taps in self.by_case.values() for score in taps.values())

    def each_case_alike(self, measure: str) -> Ratio:
        """The mean over the cases: a case with hundreds of connections weighs no more than one with a single one."""
        found = Ratio()
        for taps in self.by_case.values():
            share = total(taps.values()).ratios[measure].share
            if share is not None:
                found.count(share)
        return found

    def below_bars(self) -> list[str]:
        """The measures that miss their bar, over all ends or in the mean over cases, in words."""
        everything = self.everything
        missed = []
        for measure, bar in BARS.items():
            judged = [("", everything.ratios[measure])]
            if measure in BARS_ALIKE:
                judged.append((", each case alike", self.each_case_alike(measure)))
            for words, ratio in judged:
                if ratio.share is not None and ratio.share < bar - 1e-9:
                    missed.append(f"{MEASURES[measure]}{words}: {ratio.share:.2%}, the bar is {bar:.0%}")
        return missed

    def of_tap(self, tap: str) -> Score:
        """All cases at one tap."""
        return total(taps[tap] for taps in self.by_case.values() if tap in taps)


def score_all(cases: list[Path], jobs: int, *, with_peers: bool) -> Result:
    """Score every case, each in one of ``jobs`` processes; then what other tools say of the same."""
    with ProcessPoolExecutor(jobs) as pool:
        by_case = dict(zip((case.name for case in cases), pool.map(score_case, cases), strict=True))
    finals = [score.finals for taps in by_case.values() for score in taps.values() if score.finals]
    told = run(cases) if with_peers else {}
    ours = _score("wirestat", finals, lambda final: final.told - {"UNKNOWN"})
    theirs = [_score(name, finals, partial(_claimed, told[name])) for name in PEERS if name in told]
    return Result(by_case, [ours, *theirs])


def _claimed(claims: dict[str, Claims], final: FinalTruth) -> frozenset[str]:
    claim = claims[final.tap].about(final.connection, final.tap, final.ends_ns)
    return claim.of(final.address) if claim else frozenset()


def _score(
    name: str, captures: list[list[FinalTruth]], claimed: Callable[[FinalTruth], frozenset[str]]
) -> PeerScore:
    score = PeerScore(name, Ratio(), Ratio(), Ratio())
    for finals in captures:
        told = [(final, claimed(final)) for final in finals]
        for final, states in told:
            score.claimed.count(bool(states))
            if states:
                score.right.count(bool(states & final.right))
        score.captures.count(all(states & final.right for final, states in told))
    return score


__all__ = ["PeerScore", "Result", "score_all"]
