"""Aligns two sequences of moves: the true ones, and those that wirestat reports."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from .reach import Reach
from .replay import Claim
from .witnesses import Reached


@dataclass(frozen=True)
class Alignment:
    """The best pairing that keeps the order."""

    pairs: tuple[tuple[Reached, Claim], ...]
    missed: tuple[Reached, ...]
    """Knowable moves that were not reported."""
    invented: tuple[Claim, ...]
    """Reported moves that did not happen."""

    def tells(self, claim: Claim) -> bool:
        """Whether the claim is paired with a true move."""
        return any(claim is told for _, told in self.pairs)


def align(reach: Reach, claims: list[Claim]) -> Alignment:
    """Pair as many moves as possible, knowable ones first."""
    moves = [r for r in reach.moves if r.from_ns <= reach.ends_ns]

    @cache
    def best(i: int, j: int) -> tuple[int, tuple[tuple[int, int], ...]]:
        if i == len(moves) or j == len(claims):
            return 0, ()
        options = [best(i + 1, j), best(i, j + 1)]
        if moves[i].move.after == claims[j].to:
            value, pairs = best(i + 1, j + 1)
            options.append((value + (2 if moves[i].is_knowable else 1), ((i, j), *pairs)))
        return max(options, key=lambda option: option[0])

    pairs = best(0, 0)[1]
    found = {i for i, _ in pairs}
    told = {j for _, j in pairs}
    return Alignment(
        tuple((moves[i], claims[j]) for i, j in pairs),
        tuple(r for i, r in enumerate(moves) if i not in found and r.is_knowable),
        tuple(
            c
            for j, c in enumerate(claims)
            if j not in told and not (c.from_state == "UNKNOWN" and c.to in reach.right_at(c.time_ns))
        ),
    )
