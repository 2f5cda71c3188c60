"""Captures that are still being written: standard input, pipes, and files with their successors.

tcpdump and dumpcap start another file when one is full (``-C``, ``-G``, ``-b``) and wrap around to the first
(``-W``); logrotate moves files away. The next file is always one of the same family that was written later: the
family is the directory and the name without digits.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from wirestat import _core
from wirestat.capture.native import described, translated
from wirestat.model import Capture

if TYPE_CHECKING:
    from wirestat.capture.source import Progress

STDIN = "-"
_BATCH = 10_000
_WAIT = 0.1
_TICK = 1.0
_KEPT = 100
"""Captures described at the end, at most: only the newest, as a followed capture may have any number of files."""
_DIGITS = re.compile(r"\d+")


class FollowSource:
    """One capture to its end, or a growing capture and its successors until stopped."""

    def __init__(self, path: str, *, follows: bool = True) -> None:
        """Open the capture; ``-`` is standard input. Without ``follows`` reading stops at the end of the file, as
        with a pipe.

        Raises:
            InputError: it is no capture.
            PermissionDenied: it may not be read.
        """
        self._is_stream = path == STDIN or not Path(path).is_file() or not follows
        self._past: deque[Capture] = deque(maxlen=_KEPT)
        self._read_before = 0
        self._clock = _Clock()
        self._blocking: bool | None = None
        if path == STDIN and sys.platform != "win32":
            self._blocking = os.get_blocking(0)
            os.set_blocking(0, False)
        self._open(path, 0)

    @property
    def waited_until_ns(self) -> int | None:
        """The instant up to which timers have run, in Unix ns: later than the last packet during a silence."""
        return self._clock.waited_until_ns

    @property
    def dropped(self) -> int | None:
        """Frames that the capturing program has dropped so far, by the capture's statistics."""
        drops = [
            card.dropped for row in self.captures() for card in row.interfaces if card.dropped is not None
        ]
        return sum(drops) if drops else None

    def remarks(self) -> list[str]:
        """Yield nothing: a file has no remarks beyond its capture's."""
        return []

    def drain(self, core: _core.Tracker, progress: Progress | None = None) -> bool:
        """Hand every frame to the tracker's core. ``False`` where ``progress`` stopped it before the end."""
        while True:
            status = core.read(self._reader, _BATCH)
            # A followed file ends only if it is damaged, for instance overwritten; the next may be intact.
            if core.is_full() or (status == "end" and self._is_stream):
                return True
            if progress is not None and not progress(self._read_before + self._reader.progress()[0], None):
                return False
            self._clock.tick(core, idle=status != "more")
            # A stream's reader waits itself, and returns as soon as something has come.
            if status != "more" and not self._is_stream and not self._go_on(core):
                time.sleep(_WAIT)

    def captures(self) -> tuple[Capture, ...]:
        """Return each capture with its counts and defects, the last hundred of them."""
        return (*self._past, *(described(row) for row in self._reader.captures()))

    def close(self) -> None:
        """Leave standard input as it was found."""
        if self._blocking is not None and sys.platform != "win32":
            os.set_blocking(0, self._blocking)
            self._blocking = None

    def _open(self, path: str, after: int) -> None:
        try:
            self._reader = _core.Reader([path], not self._is_stream, after)
        except _core.CaptureError as error:
            self.close()
            raise translated(error.args[0]) from None
        self._path = path
        self._identity = _identity(path)

    def _go_on(self, core: _core.Tracker) -> bool:
        """Go on with the next file, if there is one: the writer has then finished this one."""
        following = successor(Path(self._path), self._identity)
        if following is None and self._was_begun_anew():
            following = Path(self._path)
        if following is None:
            return False
        # Read the frames written between the last read and the successor's beginning.
        self._reader.finish()
        while core.read(self._reader, _BATCH) == "more":
            pass
        self._past.extend(described(row) for row in self._reader.captures())
        self._read_before += self._reader.progress()[0]
        self._open(str(following), self._reader.frames())
        return True

    def _was_begun_anew(self) -> bool:
        """Tell whether the file is shorter than what was read: the writer has wrapped around to it."""
        try:
            return Path(self._path).stat().st_size < self._reader.progress()[0]
        except OSError:
            return False


class _Clock:
    """The clock of the packets' timestamps, possibly another machine's, estimated from their arrival."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _TICK
        self._last_ns: int | None = None
        self._since = 0.0
        self.waited_until_ns: int | None = None

    def tick(self, core: _core.Tracker, *, idle: bool) -> None:
        """Run timers at intervals: up to the last packet, and beyond during a silence."""
        now = time.monotonic()
        last_ns = core.intake().last_time_ns
        if last_ns != self._last_ns:
            self._last_ns, self._since = last_ns, now
        if now < self._next or last_ns is None:
            return
        self._next = now + _TICK
        self.waited_until_ns = last_ns + (int((now - self._since) * 1e9) if idle else 0)
        core.advance(self.waited_until_ns)


def successor(path: Path, identity: tuple[int, int]) -> Path | None:
    """Return the file that comes after ``path``, which was opened as the file of that device and inode."""
    try:
        current = path.stat()
    except OSError:
        current = None
    if current is not None and (current.st_dev, current.st_ino) != identity:
        return path  # it was moved away, and another created in its place
    since = current.st_mtime_ns if current is not None else 0
    later = [
        (status.st_mtime_ns, _natural(other.name), other)
        for other, status in _family(path)
        if status.st_mtime_ns > since and status.st_size > 0 and (status.st_dev, status.st_ino) != identity
    ]
    return min(later)[2] if later else None


def _family(path: Path) -> list[tuple[Path, os.stat_result]]:
    skeleton = _skeleton(path.name)
    found = []
    for entry in os.scandir(path.parent):
        if _skeleton(entry.name) == skeleton and entry.is_file():
            found.append((Path(entry.path), entry.stat()))
    return found


def _skeleton(name: str) -> str:
    """Remove the digits from a name, trailing ones completely: ``a.pcap`` and ``a.pcap12`` are one family."""
    return _DIGITS.sub("0", name.rstrip("0123456789") if not name.isdigit() else name)


def _natural(name: str) -> list[int]:
    return [int(digits) for digits in _DIGITS.findall(name)]


def _identity(path: str) -> tuple[int, int]:
    try:
        status = Path(path).stat()
    except OSError:
        return (0, 0)
    return (status.st_dev, status.st_ino)
