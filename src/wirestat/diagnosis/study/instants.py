"""Instants and spans of time in order, for lists that are drawn once and asked often."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence


def those_near(times: Sequence[int], about_ns: int, within_ns: int) -> Sequence[int]:
    """Return those of some instants, which are in order, that are at most ``within_ns`` from another one."""
    return times[place_of_those_near(times, about_ns, within_ns)]


def place_of_those_near(times: Sequence[int], about_ns: int, within_ns: int) -> slice:
    """Return where they are among all."""
    return slice(bisect_left(times, about_ns - within_ns), bisect_right(times, about_ns + within_ns))


def count_between(times: Sequence[int], from_ns: int, until_ns: int) -> int:
    """Count those of some instants, which are in order, that lie between two others."""
    return max(bisect_left(times, until_ns) - bisect_right(times, from_ns), 0)


def middle(spans: Iterable[int]) -> int:
    """Return the one in the middle, the upper of two. To load ``statistics`` takes longer than most captures."""
    in_order = sorted(spans)
    return in_order[len(in_order) // 2]
