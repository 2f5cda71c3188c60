"""Reading and joining captures of the same traffic: one analysis of all, and the differences between them."""

import os
from collections.abc import Sequence

from wirestat.analysis import Analysis
from wirestat.capture.native import NativeSource
from wirestat.capture.source import Progress
from wirestat.errors import UsageError
from wirestat.join import MOST_SEGMENTS, Join
from wirestat.model import Capture
from wirestat.timers import Timers
from wirestat.tracker import Limits


class Sources:
    """Captures that are read one after the other, each by itself."""

    def __init__(self, paths: Sequence[str | os.PathLike[str]]) -> None:
        """Open all of them: a comparison needs every one.

        Raises:
            InputError: one cannot be opened.
            PermissionDenied: one may not be read.
        """
        self.each = [NativeSource([path]) for path in paths]

    def captures(self) -> tuple[Capture, ...]:
        """Return what there is to say about each capture."""
        return tuple(capture for source in self.each for capture in source.captures())


def compared(
    paths: Sequence[str | os.PathLike[str]],
    names: Sequence[str],
    timers: Timers,
    limits: Limits | None = None,
    max_segments: int = MOST_SEGMENTS,
    progress: Progress | None = None,
) -> tuple[Analysis, Join]:
    """Read captures of the same traffic and join them.

    Args:
        paths: the captures, the one nearest to the clients first.
        names: what to call their points.
        timers: the profile that the ends go by.
        limits: what each capture's table may hold.
        max_segments: segments of each capture that are compared; those beyond are counted.
        progress: called now and then with the bytes read and the bytes there are; answers whether to go on.

    Raises:
        InputError: a capture cannot be opened.
        PermissionDenied: a capture may not be read.
        UsageError: there are fewer than two captures, or too many.
    """
    if len(paths) < 2:
        raise UsageError("a comparison needs two captures or more", hint="name the client's first")
    join = Join(timers, names, limits, max_segments)
    sources = Sources(paths)
    for point, source in enumerate(sources.each):
        if not source.drain(join.tap(point), progress):
            break
    return Analysis(sources, join.settle(), timers, "all"), join
