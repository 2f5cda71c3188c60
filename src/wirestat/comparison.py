"""Reads and joins captures of the same traffic: one analysis of all, and the differences between them."""

import os
from collections.abc import Sequence

from wirestat.capture.native import BATCH, NativeSource
from wirestat.capture.source import Progress
from wirestat.errors import UsageError
from wirestat.join import MOST_SEGMENTS, Join
from wirestat.model import Capture
from wirestat.timers import Timers
from wirestat.tracked import Tracked
from wirestat.tracker import Limits


class Sources:
    """Captures that are each read by themselves."""

    def __init__(self, paths: Sequence[str | os.PathLike[str]]) -> None:
        """Open all of them: a comparison needs every one.

        Raises:
            InputError: one cannot be opened.
            PermissionDenied: one may not be read.
        """
        self.each = [NativeSource([path]) for path in paths]

    def captures(self) -> tuple[Capture, ...]:
        """Return each capture with its counts and defects."""
        return tuple(capture for source in self.each for capture in source.captures())

    def drain(self, join: Join, jobs: int, progress: Progress | None = None) -> None:
        """Read all frames of each capture to its point, ``jobs`` captures at a time; ``progress`` may stop it."""
        left = dict(enumerate(self.each))
        while left:
            under_way = {point: source.reader for point, source in list(left.items())[:jobs]}
            ends = join.read_together(under_way, BATCH)
            for point in (point for point, end in ends.items() if end == "end"):
                del left[point]
            if progress is not None and not progress(*self._progress()):
                return

    def _progress(self) -> tuple[int, int | None]:
        """Return the bytes read and the total, if the size of each is known."""
        done, there = zip(*(source.reader.progress() for source in self.each), strict=True)
        return sum(done), None if None in there else sum(there)


def compared(
    named: Sequence[tuple[str, str | os.PathLike[str]]],
    timers: Timers,
    limits: Limits | None = None,
    max_segments: int = MOST_SEGMENTS,
    progress: Progress | None = None,
    jobs: int = 1,
) -> tuple[Tracked, Join]:
    """Read captures of the same traffic and join them.

    Args:
        named: the name of each point, and its capture, in any order.
        timers: the timer profile of the ends.
        limits: the limits of each capture's table.
        max_segments: segments of each capture that are compared; those beyond are counted.
        progress: called now and then with the bytes read and the total; returns whether to go on.
        jobs: captures that are read at a time, each by a thread. The result is the same.

    Raises:
        InputError: a capture cannot be opened.
        PermissionDenied: a capture may not be read.
        UsageError: there are fewer than two captures, or too many.
    """
    if len(named) < 2:
        raise UsageError("a comparison needs two captures or more", hint="name the client's first")
    join = Join(timers, [name for name, _ in named], limits, max_segments)
    sources = Sources([path for _, path in named])
    sources.drain(join, jobs, progress)
    return Tracked(sources, join.settle(), timers, "all"), join
