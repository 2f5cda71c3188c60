"""Signals during a capture, and the request that each makes."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import msgspec


class Wishes(msgspec.Struct):
    """Requests that are not yet done."""

    stop: bool = False
    report: bool = False
    flush: bool = False

    def on_end(self, _number: int, _frame: FrameType | None) -> None:
        """End with the report; the second time, at once."""
        if self.stop:
            raise KeyboardInterrupt
        self.stop = True

    def on_report(self, _number: int, _frame: FrameType | None) -> None:
        """Print a report and go on."""
        self.report = True

    def on_flush(self, _number: int, _frame: FrameType | None) -> None:
        """Flush the packet file, and go on."""
        self.flush = True


@contextmanager
def heard() -> Iterator[Wishes]:
    """Handle SIGINT, SIGTERM and SIGHUP (end), SIGUSR1 (report) and SIGUSR2 (flush)."""
    wishes = Wishes()
    if threading.current_thread() is not threading.main_thread():
        yield wishes  # signals belong to the main thread alone
        return
    handlers = {signal.SIGINT: wishes.on_end, signal.SIGTERM: wishes.on_end}
    if sys.platform != "win32":
        handlers |= {
            signal.SIGHUP: wishes.on_end,
            signal.SIGUSR1: wishes.on_report,
            signal.SIGUSR2: wishes.on_flush,
        }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield wishes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
