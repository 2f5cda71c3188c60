"""Counts of ends in each state over time, for sparklines and the timeline."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from wirestat.model import State

KEPT = 240
"""Maximum instants; beyond it the oldest is dropped."""
Counts = dict[State, tuple[int, int]]


class Trend(msgspec.Struct):
    """Counts at instants, the oldest first."""

    times: list[int] = []
    """In Unix ns."""
    counts: list[Counts] = []

    def add(self, time_ns: int, counts: Counts) -> None:
        """Take the counts of an instant later than all others."""
        self.times.append(time_ns)
        self.counts.append(counts)
        if len(self.times) > KEPT:
            del self.times[0], self.counts[0]

    def of(self, state: State) -> list[int]:
        """Return how many ends were in a state at each instant."""
        return [sum(counts.get(state, (0, 0))) for counts in self.counts]

    def open(self, gone: Iterable[State]) -> list[int]:
        """Return how many ends were in any state at each instant but those given."""
        left_out = frozenset(gone)
        return [
            sum(sum(pair) for state, pair in counts.items() if state not in left_out)
            for counts in self.counts
        ]
