"""The process that asks the kernel. It tells through a pipe, and is told nothing: no packet steers it."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

import msgspec

from wirestat.host.poll import Poll, Update

_PAUSE = 1.0
"""Seconds between two looks."""
_LENGTH = 4
"""Bytes before each message that say how long it is."""
_PIPE = 1 << 20


class Witness:
    """Our end of the pipe."""

    def __init__(self, make: Callable[[], Poll], restrict: Callable[[], None]) -> None:
        """Start the process: it makes its poll, then restricts itself, and looks until nobody listens any more.

        Raises:
            OSError: it cannot be started.
        """
        poll = make()  # here, where what is wrong can be said
        self._reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._reading)
            _tell(poll, restrict, writing)
        poll.close()
        os.close(writing)
        os.set_blocking(self._reading, False)
        self._buffer = bytearray()
        self._decode = msgspec.msgpack.Decoder(Update).decode
        self.is_alive = True

    def updates(self) -> list[Update]:
        """Return what has been told since the last call."""
        while self.is_alive:
            try:
                part = os.read(self._reading, _PIPE)
            except BlockingIOError:
                break
            self.is_alive = bool(part)
            self._buffer += part
        updates = []
        while len(self._buffer) >= _LENGTH:
            length = int.from_bytes(self._buffer[:_LENGTH], "little")
            if len(self._buffer) < _LENGTH + length:
                break
            updates.append(self._decode(self._buffer[_LENGTH : _LENGTH + length]))
            del self._buffer[: _LENGTH + length]
        return updates

    def wait(self, seconds: float) -> None:
        """Wait until something is told, so long at most."""
        select.select([self._reading], [], [], seconds)

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            os.close(self._reading)
        self.is_alive = False
        with suppress(OSError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def _tell(poll: Poll, restrict: Callable[[], None], writing: int) -> NoReturn:
    """Look and tell until the pipe is closed; never return."""
    with suppress(BaseException):
        os.setsid()  # what the terminal sends is not for us
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, signal.SIG_DFL)
        _leave_open(poll, writing)
        encode = msgspec.msgpack.Encoder().encode
        restrict()
        while True:
            began = time.monotonic()
            message = encode(poll.look())
            _write(writing, len(message).to_bytes(_LENGTH, "little") + message)
            time.sleep(max(0.0, _PAUSE - (time.monotonic() - began)))
    os._exit(0)


def _leave_open(poll: Poll, writing: int) -> None:
    """Close all that was open before: packets and terminals are none of this process's business."""
    kept = sorted({writing, *poll.descriptors()})
    for before, after in zip([-1, *kept], [*kept, os.sysconf("SC_OPEN_MAX")], strict=True):
        os.closerange(before + 1, after)


def _write(writing: int, message: bytes) -> None:
    left = memoryview(message)
    while left:
        left = left[os.write(writing, left) :]
