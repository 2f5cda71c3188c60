"""Python's face of the join: several captures in, one table of connections and a comparison out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal

from wirestat import _core, memory
from wirestat.crossing import Crossing, Point, Stage
from wirestat.errors import UsageError
from wirestat.timers import Timers
from wirestat.tracker import Limits, Tracker, by_core

MOST_SEGMENTS = 50_000_000
"""Segments kept of each capture: 48 bytes each, 2.4 GB if all are there."""
_SEGMENT = 48
MOST_POINTS: int = _core.MOST_POINTS


def segments(points: int) -> int:
    """Return how many segments to keep per capture, by the available memory."""
    return max(1, memory.share(points * MOST_SEGMENTS * _SEGMENT) // (points * _SEGMENT))


class Join:
    """Captures of the same traffic, in any order. Read each, then :meth:`settle`.

    The answers are those of ``crossing.Comparison``, which documents them.
    """

    def __init__(
        self,
        timers: Timers,
        names: Sequence[str],
        limits: Limits | None = None,
        max_segments: int = MOST_SEGMENTS,
    ) -> None:
        """Prepare for the named captures. Limits apply to each of them.

        Raises:
            UsageError: there are more captures than can be compared.
        """
        if len(names) > MOST_POINTS:
            raise UsageError(f"{len(names)} captures: no more than {MOST_POINTS} can be compared")
        limits = limits or Limits()
        self._names = tuple(names)
        self._core = _core.Join(
            by_core(timers),
            len(names),
            max_connections=limits.max_connections,
            max_bytes=limits.max_bytes,
            max_segments=max_segments,
        )

    def read_together(
        self, readers: Mapping[int, _core.Reader], frames: int
    ) -> Mapping[int, Literal["more", "end", "pending"]]:
        """Read up to ``frames`` frames at each of several points at once, each in its own thread."""
        return self._core.read_together(dict(readers), frames)

    def settle(self) -> Tracker:
        """Join the captures, and return the table that holds every connection once. Call it only once."""
        return Tracker.around(self._core.settle())

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """As in ``Comparison``."""
        return tuple(self._core.points(self._names))

    @cached_property
    def path(self) -> tuple[int, ...]:
        """As in ``Comparison``."""
        return tuple(self._core.path())

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """As in ``Comparison``."""
        return tuple(self._core.stages())

    @property
    def presence(self) -> Mapping[tuple[int, ...], int]:
        """As in ``Comparison``."""
        every = range(len(self._names))
        return {tuple(p for p in every if bits >> p & 1): count for bits, count in self._pairing.presence}

    @property
    def known_by(self) -> Mapping[str, int]:
        """As in ``Comparison``."""
        return dict(self._pairing.known_by)

    @property
    def torn(self) -> int:
        """As in ``Comparison``."""
        return self._pairing.torn

    @property
    def backward(self) -> int:
        """As in ``Comparison``."""
        return self._pairing.backward

    @cached_property
    def _pairing(self) -> _core.Pairing:
        return self._core.pairing()

    def troubled(self, limit: int) -> tuple[Sequence[int], int]:
        """As in ``Comparison``."""
        return self._core.troubled(limit)

    def with_injected(self, limit: int) -> Sequence[int]:
        """As in ``Comparison``."""
        return self._core.injected(limit)

    def crossing(self, id: int) -> Crossing:
        """As in ``Comparison``."""
        crossing = self._core.crossing(id)
        if crossing is None:
            raise KeyError(id)
        return crossing
