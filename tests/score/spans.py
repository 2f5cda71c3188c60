"""Agreement over time: how long a reported state was right."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from .reach import Reach

Steps = list[tuple[int, str]]
"""From when (Unix ns) which state was told, in order of time."""

OVER = {"CLOSED", "LISTEN", "UNKNOWN"}
"""If truth and report agree on one of these, that time does not count."""


@dataclass
class Agreement:
    """Nanoseconds of observed life, and for how many of them the state told was right."""

    right_ns: int = 0
    total_ns: int = 0

    @property
    def share(self) -> float | None:
        """``None`` where there was no life to observe."""
        return self.right_ns / self.total_ns if self.total_ns else None


@dataclass(frozen=True)
class WrongSpan:
    """A stretch of time over which a wrong state was told."""

    from_ns: int
    until_ns: int
    told: str
    right: tuple[str, ...]


def told_at(steps: Steps, before: str, time_ns: int) -> str:
    """The state told at an instant."""
    state = before
    for since_ns, told in steps:
        if since_ns > time_ns:
            break
        state = told
    return state


def is_in(time_ns: int, spans: list[tuple[int, int]]) -> bool:
    """Whether the instant lies in one of the spans."""
    return any(start <= time_ns < stop for start, stop in spans)


def compare(
    reach: Reach, steps: Steps, before: str, excused: list[tuple[int, int]]
) -> tuple[Agreement, list[WrongSpan]]:
    """Weigh by time from the end's first sign of life to the last frame, leaving out what is excused."""
    edges = {reach.begins_ns, reach.ends_ns}
    edges |= {time_ns for time_ns, _ in steps}
    edges |= {edge for r in reach.moves for edge in (r.from_ns, r.until_ns)}
    edges |= {edge for span in excused for edge in span}
    inside = sorted(edge for edge in edges if reach.begins_ns <= edge <= reach.ends_ns)
    agreement, wrong = Agreement(), []
    for start, stop in itertools.pairwise(inside):
        middle = (start + stop) // 2
        told, right = told_at(steps, before, middle), reach.right_at(middle)
        if (told in OVER and right <= OVER) or is_in(middle, excused):
            continue
        agreement.total_ns += stop - start
        if told in right:
            agreement.right_ns += stop - start
        else:
            wrong.append(WrongSpan(start, stop, told, tuple(sorted(right))))
    return agreement, wrong
