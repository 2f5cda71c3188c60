"""How often a running capture does work that takes time from it."""

import time

PAUSE = 1.0
"""Minimum seconds between two diagnoses of the table."""
_SHARE = 10
"""Diagnosing takes at most one part in this many of the time."""
_LOOK = 0.25
"""Seconds between two reads of the kernel's answers, which come each second."""
_LOOK_SHARE = 20
"""Reading them takes at most one part in this many of the time."""


class Pacer:
    """The instants of one kind of work. All times are seconds of ``time.monotonic``."""

    def __init__(self, pause: float, share: int, delay: float = 0.0) -> None:
        """Begin after ``delay``; then from start to start wait ``pause``, or ``share`` times what the work took."""
        self._pause = pause
        self._share = share
        self._next = time.monotonic() + delay

    def is_due(self, now: float) -> bool:
        """Whether the work is due."""
        return now >= self._next

    def finish(self, began: float) -> None:
        """End work that began at this instant, and set when the next is due."""
        self._next = began + max(self._pause, self._share * (time.monotonic() - began))


def of_diagnoses(delay: float = 0.0) -> Pacer:
    """Return the pacer of diagnoses; the first is due after ``delay`` seconds."""
    return Pacer(PAUSE, _SHARE, delay)


def of_looks() -> Pacer:
    """Return the pacer of reads of the kernel's answers."""
    return Pacer(_LOOK, _LOOK_SHARE)
