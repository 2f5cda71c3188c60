"""Finds places to cut a large capture: between frames, without reading what precedes them.

A place counts as a frame boundary if several complete frames follow it. Reading the piece before it verifies that:
the piece must end with a complete frame, else the capture is read as a whole.
"""

from __future__ import annotations

import io
import struct
from typing import IO

import msgspec

from wirestat.batch.sources import Input

_PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
}
"""Byte order, and timestamp units per second, by magic number."""
_PCAPNG = b"\x0a\x0d\x0d\x0a"
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_HEADER, _RECORD = 24, 16
_INTERFACE, _PACKETS = 1, (2, 3, 6)
_BLOCKS = (*_PACKETS, 4, 5, 10)
"""Types of blocks that may stand between two packets: packets, names, statistics and secrets."""
_LONGEST = 1 << 20
_WINDOW = 4 << 20
_FOLLOW = 6
"""The number of consecutive frames required: by chance one place in 10^30 passes."""
_HEADS = 1 << 16


class Cut(msgspec.Struct, frozen=True):
    """A piece of a capture: bytes from ``start`` to ``end``, read after the first ``head`` bytes of the file."""

    source: Input
    start: int = 0
    end: int | None = None
    """``None``: the end of the file."""
    head: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether it is all of a file."""
        return not self.start and self.end is None

    @property
    def size(self) -> int:
        """Bytes to read."""
        return (self.source.size if self.end is None else self.end) - self.start


def cuts(source: Input, stream: IO[bytes], size: int) -> list[Cut]:
    """Cut a capture into pieces of about ``size`` bytes; one that cannot be cut is one piece."""
    whole = [Cut(source)]
    head = stream.read(_HEADS)
    finds: _Places
    if order := _PCAP.get(head[:4]):
        prefix, finds = _HEADER, _Pcap(*order, _seconds(head, order[0]))
    elif head[:4] == _PCAPNG and (endian := _ORDERS.get(head[8:12])):
        prefix, finds = _descriptions(head, endian), _Pcapng(endian)
    else:
        return whole
    if not prefix or size <= 0:
        return whole
    places = [0]
    for target in range(size, source.size - size // 2, size):
        if target > places[-1] and (place := finds.place(stream, target)) is not None:
            places.append(place)
    ends = [*places[1:], None]
    return [Cut(source, start, end, prefix if start else 0) for start, end in zip(places, ends, strict=True)]


def _seconds(head: bytes, order: str) -> int:
    return int(struct.unpack_from(f"{order}I", head.ljust(_HEADER + 4, b"\0"), _HEADER)[0])


def _descriptions(head: bytes, order: str) -> int:
    """Return the length of a section's header block and the interface blocks after it; 0 without interfaces."""
    at, interfaces = 0, 0
    while at + 12 <= len(head):
        kind, length = struct.unpack_from(f"{order}II", head, at)
        if at and kind != _INTERFACE:
            return at if interfaces else 0
        if length < 12 or length % 4:
            return 0
        interfaces += at > 0
        at += length
    return 0


class _Places:
    """Finds a place between frames."""

    step = 1

    def place(self, stream: IO[bytes], target: int) -> int | None:
        """Return the first place from ``target`` on that looks like a frame boundary; ``None`` if none is nearby."""
        target += -target % self.step
        stream.seek(target)
        window = stream.read(_WINDOW)
        for at in range(0, min(len(window), _LONGEST), self.step):
            if self._follows(window, at):
                return target + at
        return None

    def _follows(self, window: bytes, at: int) -> bool:
        for _ in range(_FOLLOW):
            length = self.length(window, at)
            if not length or at + length > len(window):
                return False
            at += length
        return True

    def length(self, window: bytes, at: int) -> int:
        """Return the length of the record at a place, header included; 0 if no record can begin there."""
        raise NotImplementedError


class _Pcap(_Places):
    def __init__(self, order: str, parts: int, seconds: int) -> None:
        self._record = struct.Struct(f"{order}IIII")
        self._parts = parts
        self._seconds = seconds

    def length(self, window: bytes, at: int) -> int:
        if at + _RECORD > len(window):
            return 0
        seconds, part, captured, original = self._record.unpack_from(window, at)
        is_near = abs(seconds - self._seconds) < 1 << 26  # two years
        is_one = is_near and part < self._parts and 0 < captured <= original <= _LONGEST
        return _RECORD + captured if is_one else 0


class _Pcapng(_Places):
    step = 4

    def __init__(self, order: str) -> None:
        self._block = struct.Struct(f"{order}II")
        self._end = struct.Struct(f"{order}I")

    def length(self, window: bytes, at: int) -> int:
        if at + 12 > len(window):
            return 0
        kind, length = self._block.unpack_from(window, at)
        if kind not in _BLOCKS or length % 4 or not 12 <= length <= _LONGEST or at + length > len(window):
            return 0
        return length if self._end.unpack_from(window, at + length - 4)[0] == length else 0


class Piece(io.RawIOBase):
    """The bytes of a cut, as a stream."""

    def __init__(self, stream: IO[bytes], cut: Cut) -> None:
        """Begin with the head of the file."""
        self._stream = stream
        self._head = stream.read(cut.head)
        self._left = None if cut.end is None else cut.end - cut.start
        stream.seek(cut.start)

    def readable(self) -> bool:
        """Return ``True``."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read up to ``size`` bytes; all that is left, if it is negative."""
        if self._head:
            data, self._head = self._head, b""
            return data
        if self._left is not None:
            size = self._left if size < 0 else min(size, self._left)
        data = self._stream.read(size)
        if self._left is not None:
            self._left -= len(data)
        return data
