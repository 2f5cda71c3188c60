"""The process that asks the kernel. It writes to a pipe and reads nothing: no packet can influence it."""

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
"""Bytes of the length before each message."""
_PIPE = 1 << 20


class Witness:
    """Our end of the pipe."""

    def __init__(self, make: Callable[[], Poll], restrict: Callable[[], None]) -> None:
        """Start the process: it makes its poll, restricts itself, and looks until the reader is gone.

        Raises:
            OSError: it cannot be started.
        """
        poll = make()  # made here, where errors can be reported
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
        """Return the messages since the last call."""
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
        """Wait for a message, at most this long."""
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
    """Look and send until the pipe is closed; never return."""
    with suppress(BaseException):
        os.setsid()  # the terminal's signals are not for this process
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
    """Close all files that were open before: this process needs neither packets nor terminals."""
    kept = sorted({writing, *poll.descriptors()})
    for before, after in zip([-1, *kept], [*kept, os.sysconf("SC_OPEN_MAX")], strict=True):
        os.closerange(before + 1, after)


def _write(writing: int, message: bytes) -> None:
    left = memoryview(message)
    while left:
        left = left[os.write(writing, left) :]
