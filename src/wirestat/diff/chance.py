"""Significance tests: two shares, two samples of times, and correction for many comparisons.

Connections that begin in the same second, or come from one client, are correlated: a server that stalls for a second
fails them all. So clusters, not connections, are treated as independent.
"""

from collections.abc import Sequence
from itertools import groupby
from math import comb, erfc, sqrt
from statistics import median_low

_EXACT = 200
"""The number of cases up to which shares are compared exactly."""


def of_clustered_shares(one: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]) -> float:
    """Return the same as :func:`of_shares` of hits and cases that come in clusters: hits and cases of each are given.

    Hits and cases are divided by the design effect, the ratio by which the share varies more between clusters than it
    would between independent cases (Rao and Scott, A simple method for the analysis of clustered binary data,
    Biometrics 48, 1992).

    >>> spread, heap = [(1, 10)] * 10, [(10, 10)] + [(0, 10)] * 9
    >>> of_clustered_shares(spread, [(3, 10)] * 10) < 0.01 < of_clustered_shares([(0, 10)] * 10, heap)
    True
    """
    effects = [effect for effect in map(_design_effect, (one, other)) if effect is not None]
    # Where all cases of a sample came out alike, how they cluster is known from the other.
    both = [_design_effect(each) or max(effects, default=1.0) for each in (one, other)]
    return of_shares(*_divided(one, both[0]), *_divided(other, both[1]))


def _design_effect(clusters: Sequence[tuple[int, int]]) -> float | None:
    """Return the design effect of a share; ``None`` if it does not vary."""
    hits, cases = sum(hit for hit, _ in clusters), sum(case for _, case in clusters)
    many = len(clusters)
    if not 0 < hits < cases or many < 2:
        return None
    share = hits / cases
    apart = sum((hit - share * case) ** 2 for hit, case in clusters)
    return max(1.0, many / (many - 1) * apart / (cases * share * (1 - share)))


def _divided(clusters: Sequence[tuple[int, int]], effect: float) -> tuple[int, int]:
    hits, cases = sum(hit for hit, _ in clusters), sum(case for _, case in clusters)
    fewer = max(1, round(cases / effect)) if cases else 0
    return min(fewer, round(hits / effect)), fewer


def of_clustered_samples(one: Sequence[Sequence[int]], other: Sequence[Sequence[int]]) -> float:
    """Return the same as :func:`of_samples` of samples that come in clusters: each stands for one value, its median.

    >>> of_clustered_samples([range(50)], [range(100, 150)]) > 0.1
    True
    """
    return of_samples(*([median_low(each) for each in clusters if each] for clusters in (one, other)))


def of_shares(hits: int, cases: int, other_hits: int, other_cases: int) -> float:
    """Return the p-value of the difference between two shares.

    Fisher's exact test, two-sided; with many cases the normal approximation to it, with Yates's correction.

    >>> round(of_shares(1, 10, 9, 10), 4)
    0.0011
    >>> of_shares(5, 10, 5, 10)
    1.0
    """
    if not cases or not other_cases:
        return 1.0
    all_cases, all_hits = cases + other_cases, hits + other_hits
    if all_cases <= _EXACT:
        ways = [
            comb(cases, k) * comb(other_cases, all_hits - k)
            for k in range(max(0, all_hits - other_cases), min(cases, all_hits) + 1)
        ]
        seen = comb(cases, hits) * comb(other_cases, other_hits)
        return min(1.0, sum(way for way in ways if way <= seen) / comb(all_cases, all_hits))
    share = all_hits / all_cases
    spread = sqrt(share * (1 - share) * (1 / cases + 1 / other_cases))
    if not spread:
        return 1.0
    step = (1 / cases + 1 / other_cases) / 2
    apart = max(0.0, abs(hits / cases - other_hits / other_cases) - step)
    return erfc(apart / spread / sqrt(2))


def of_samples(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the p-value of the difference in location between two samples.

    Mann and Whitney's test, two-sided, by its normal approximation with ties: it asks nothing of how times are
    spread, of which a few long ones would upset a mean.

    >>> of_samples([1, 2, 3], [1, 2, 3])
    1.0
    >>> of_samples(range(50), range(100, 150)) < 1e-9
    True
    """
    if not one or not other:
        return 1.0
    both = sorted([*((value, 0) for value in one), *((value, 1) for value in other)])
    count, ties, ranks, place = len(both), 0, 0.0, 0
    for _, group in groupby(both, key=lambda pair: pair[0]):
        members = list(group)
        size = len(members)
        ranks += (place + (size + 1) / 2) * sum(1 for _, which in members if which == 0)
        ties += size**3 - size
        place += size
    middle = len(one) * (count + 1) / 2
    spread = sqrt(len(one) * len(other) / 12 * ((count + 1) - ties / (count * (count - 1))))
    if not spread:
        return 1.0
    return erfc(max(0.0, abs(ranks - middle) - 0.5) / spread / sqrt(2))


def together(chances: Sequence[float]) -> list[float]:
    """Return the p-values corrected for multiple comparisons (Holm).

    >>> together([0.01, 0.5, 0.04])
    [0.03, 0.5, 0.08]
    """
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    corrected = [0.0] * len(chances)
    worst = 0.0
    for rank, place in enumerate(order):
        worst = max(worst, min(1.0, chances[place] * (len(chances) - rank)))
        corrected[place] = worst
    return corrected
