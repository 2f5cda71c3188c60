"""The data of a page: byte planes (bytes of equal significance side by side), each compressed with deflate.

Each plane gets a suitable strategy: bytes without repetition, such as the low ones of times, take a quarter of the
time without a search for matches, and get no larger. ``parts/js/data.js`` reads this format.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator

from wirestat.tables import Plane

_WAYS = ((1, zlib.Z_HUFFMAN_ONLY), (1, zlib.Z_RLE), (4, zlib.Z_FILTERED))
"""Level and strategy of deflate, fastest first: higher levels take twice as long to save a fiftieth of the size."""
_SAMPLE = 4096
"""Size of the sample, from the middle of a plane, that decides the strategy."""
_GAIN = 0.97
"""A slower strategy must compress the sample below this fraction of a faster one's size."""
_END = b"\x03\x00"
"""An empty final block (RFC 1951, 3.2.3)."""
_PIECE = 3 << 18
"""Bytes encoded as base64 at once: a multiple of three, so that chunks can be concatenated."""


class Pack:
    """Data of a page: planes one after the other."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._deflated: list[bytes] = []
        self._size = 0

    def add(self, planes: Iterable[Plane]) -> list[int]:
        """Write planes, and return the start of each: ``-1 - b`` for a plane in which every byte is ``b``."""
        return [-1 - plane if isinstance(plane, int) else self._plane(plane) for plane in planes]

    def _plane(self, plane: bytes) -> int:
        place = self._size
        self._deflated.append(_deflate(plane, *_way(plane)))
        self._size += len(plane)
        return place

    def base64(self) -> Iterator[bytes]:
        """Yield all planes deflated, as one stream, in base64."""
        rest = b""
        for chunk in (*self._deflated, _END):
            rest += chunk
            if whole := len(rest) // _PIECE * _PIECE:
                yield b64encode(rest[:whole])
                rest = rest[whole:]
        yield b64encode(rest)


def _way(plane: bytes) -> tuple[int, int]:
    """Choose the strategy for a plane, by a sample."""
    middle = max(0, (len(plane) - _SAMPLE) // 2)
    sample = plane[middle : middle + _SAMPLE]
    best, least = _WAYS[0], len(_deflate(sample, *_WAYS[0]))
    for way in _WAYS[1:]:
        size = len(_deflate(sample, *way))
        if size < least * _GAIN:
            best, least = way, size
    return best


def _deflate(data: bytes, level: int, strategy: int) -> bytes:
    """Compress, ending at a byte boundary, so that another chunk can follow."""
    stream = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, strategy)
    return stream.compress(data) + stream.flush(zlib.Z_FULL_FLUSH)
