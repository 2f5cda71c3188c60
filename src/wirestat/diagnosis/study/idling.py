"""How long the connections of one client, or of one server's socket, were silent before that end closed them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise

import msgspec

from wirestat.model import Sighting
from wirestat.vocabulary import Fact

_BLOCK = 256
"""Of so many silences of about one length or more, a part of that many stands for all."""


class Lengths(msgspec.Struct, frozen=True):
    """The silences that were ended about one instant."""

    count: int
    """How many connections were closed then, silent or not."""
    shortest_ns: int
    longest_ns: int


class Idling:
    """The closes of one end, sorted so that no question goes through all of them."""

    def __init__(self, closes: Iterable[tuple[int, Sighting]]) -> None:
        """Take closes with the ids of their connections."""
        told = list(closes)
        ends = {id: (seen.time_ns, 0) for id, seen in told}
        idle = [(id, seen) for id, seen in told if seen.fact is Fact.FIN_AFTER_IDLE]
        ends |= {id: (seen.time_ns, seen.figure or 0) for id, seen in idle}
        self._by_length = sorted((seen.figure or 0, seen.time_ns) for _, seen in idle)
        self._by_time = sorted(ends.values())
        self._instants: dict[tuple[int, int, int], int] = {}
        self._about: dict[tuple[int, int], Lengths] = {}

    @property
    def connections(self) -> int:
        """How many connections it closed."""
        return len(self._by_time)

    @property
    def idle(self) -> int:
        """How many of them it closed after a silence."""
        return len(self._by_length)

    def alike(self, length_ns: int, margin_ns: int) -> int:
        """Count those that it closed after a silence of about such a length."""
        begin, end = self._alike(length_ns, margin_ns)
        return end - begin

    def instants(self, length_ns: int, margin_ns: int, within_ns: int) -> int:
        """Count the instants at which it closed those; two closes ``within_ns`` of each other are of one instant.

        Of very many, some that are neighbours in length are counted.
        """
        begin, end = self._alike(length_ns, margin_ns)
        if end - begin > 2 * _BLOCK:
            begin = (begin + end) // 2 // _BLOCK * _BLOCK
            end = begin + _BLOCK
        if (part := (begin, end, within_ns)) not in self._instants:
            times = sorted(time_ns for _, time_ns in self._by_length[begin:end])
            together = sum(after - before <= within_ns for before, after in pairwise(times))
            self._instants[part] = len(times) - together
        return self._instants[part]

    def _alike(self, length_ns: int, margin_ns: int) -> tuple[int, int]:
        begin = bisect_left(self._by_length, (length_ns - margin_ns,))
        return begin, bisect_left(self._by_length, (length_ns + margin_ns + 1,))

    def about(self, time_ns: int, within_ns: int) -> Lengths:
        """Return the silences of the connections that it closed about an instant."""
        begin = bisect_left(self._by_time, (time_ns - within_ns, 0))
        end = bisect_right(self._by_time, (time_ns + within_ns + 1, -1))
        if (part := (begin, end)) not in self._about:
            lengths = [length_ns for _, length_ns in self._by_time[begin:end]]
            self._about[part] = Lengths(len(lengths), min(lengths, default=0), max(lengths, default=0))
        return self._about[part]
