"""Progress of a long read, and Ctrl-C: the first ends the reading, not the report."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from wirestat.report.words import size

_SILENCE = 0.5
"""Seconds before the first progress line."""
_PAUSE = 0.1
"""Seconds between two progress lines."""


class Watch:
    """The progress callback: ``watch(done, total)``, in bytes, returns whether to go on."""

    def __init__(self, *, visible: bool) -> None:
        """Show progress on standard error if ``visible``."""
        self.interrupted = False
        self._visible = visible
        self._next = time.monotonic() + _SILENCE
        self._width = 0

    def __call__(self, done: int, total: int | None) -> bool:
        """Take the progress; return ``False`` once the user has asked to stop."""
        if self._visible and time.monotonic() >= self._next:
            self._next = time.monotonic() + _PAUSE
            share = f" of {size(total)} ({done * 100 // total} %)" if total else ""
            self._draw(f"read {size(done)}{share}")
        return not self.interrupted

    def _draw(self, text: str) -> None:
        sys.stderr.write(f"\r{text:<{self._width}}")
        sys.stderr.flush()
        self._width = len(text)

    def clear(self) -> None:
        """Wipe the line."""
        if self._width:
            self._draw("")
            sys.stderr.write("\r")
            self._width = 0

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True


@contextmanager
def watching(*, visible: bool) -> Iterator[Watch]:
    """Watch a read. Inside, the first Ctrl-C asks it to stop and the second aborts it."""
    watch = Watch(visible=visible)
    try:
        before = signal.signal(signal.SIGINT, watch._stop)
    except ValueError:  # signals belong to the main thread alone
        before = None
    try:
        yield watch
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
        watch.clear()
