"""Counts of one capture read by another engine; the core makes the same counts when it reads itself."""

from __future__ import annotations

from collections.abc import Sequence
from operator import gt, lt
from pathlib import Path

from wirestat.model import Capture
from wirestat.titles import printable


def size_of(path: str) -> int | None:
    """Return the size of a file on disk; ``None`` for standard input, pipes, and missing files."""
    file = Path(path)
    return file.stat().st_size if path != "-" and file.is_file() else None


class Tally:
    """Counts of frames, their times, and truncated frames."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.frames = self.bytes = 0
        self._snapped = self._backward = 0
        self._gap = 0
        self._gap_from: int | None = None
        self._first: int | None = None
        self._last: int | None = None
        self.previous: int | None = None
        """The time of the newest frame, in Unix ns."""

    def note(self, times: Sequence[int], lengths: Sequence[int], captured: Sequence[int]) -> None:
        """Count frames, given their times, lengths and captured lengths.

        A step backward is from one frame to the next, Wireshark's negative delta, and not from the latest time so
        far: files joined out of order step back once, not once per frame.
        """
        if not times:
            return
        if self.previous is not None:
            self._backward += times[0] < self.previous
            self._note_gap(self.previous, times[0])
        self._backward += sum(map(gt, times, times[1:]))
        widest = max(range(1, len(times)), key=lambda at: times[at] - times[at - 1], default=0)
        if widest:
            self._note_gap(times[widest - 1], times[widest])
        self.previous = times[-1]
        first, last = min(times), max(times)
        self._first = first if self._first is None else min(self._first, first)
        self._last = last if self._last is None else max(self._last, last)
        self.frames += len(times)
        self.bytes += sum(captured)
        self._snapped += sum(map(lt, captured, lengths))

    def _note_gap(self, before: int, after: int) -> None:
        if after - before > self._gap:
            self._gap, self._gap_from = after - before, before

    def capture(
        self, name: str, format: str, *, size: int | None = None, error: str | None = None
    ) -> Capture:
        """Make the record of the capture. Engines do not report interfaces, comments and defects."""
        return Capture(
            name=name,
            format=format,
            compression=None,
            size=size,
            interfaces=(),
            frames=self.frames,
            first_time_ns=self._first,
            last_time_ns=self._last,
            snapped_frames=self._snapped,
            backward_steps=self._backward,
            comments=(),
            defects=(),
            error=error and printable(error),
            longest_gap_ns=self._gap,
            longest_gap_from_ns=self._gap_from,
        )
