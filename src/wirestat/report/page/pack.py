"""The data of a page: planes, bytes of one weight side by side, deflated one after the other.

Each plane is deflated in the way that suits it: bytes in which nothing repeats, as the low ones of times, take a
quarter of the time without a search for what repeats, and get no larger. ``parts/js/data.js`` reads what is written
here.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator

from wirestat.tables import Plane

_WAYS = ((1, zlib.Z_HUFFMAN_ONLY), (1, zlib.Z_RLE), (4, zlib.Z_FILTERED))
"""Level and strategy of deflate, the quickest first: higher levels take twice as long for a fiftieth of the size."""
_SAMPLE = 4096
"""Bytes from the middle of a plane by which a way is chosen."""
_GAIN = 0.97
"""A slower way has to make the sample smaller than this part of what a quicker one makes of it."""
_END = b"\x03\x00"
"""A last block with nothing in it (RFC 1951, 3.2.3)."""
_PIECE = 3 << 18
"""Bytes turned into base64 at once: a multiple of three, so that pieces can be put one after the other."""


class Pack:
    """Data of a page: planes one after the other."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._deflated: list[bytes] = []
        self._size = 0

    def add(self, planes: Iterable[Plane]) -> list[int]:
        """Write planes, and say where each begins: ``-1 - b`` for one in which every byte is ``b``."""
        return [-1 - plane if isinstance(plane, int) else self._plane(plane) for plane in planes]

    def _plane(self, plane: bytes) -> int:
        place = self._size
        self._deflated.append(_deflate(plane, *_way(plane)))
        self._size += len(plane)
        return place

    def base64(self) -> Iterator[bytes]:
        """Yield all planes deflated, as one stream, in base64."""
        rest = b""
        for piece in (*self._deflated, _END):
            rest += piece
            if whole := len(rest) // _PIECE * _PIECE:
                yield b64encode(rest[:whole])
                rest = rest[whole:]
        yield b64encode(rest)


def _way(plane: bytes) -> tuple[int, int]:
    """Choose how to deflate a plane: by a part of it."""
    middle = max(0, (len(plane) - _SAMPLE) // 2)
    sample = plane[middle : middle + _SAMPLE]
    best, least = _WAYS[0], len(_deflate(sample, *_WAYS[0]))
    for way in _WAYS[1:]:
        size = len(_deflate(sample, *way))
        if size < least * _GAIN:
            best, least = way, size
    return best


def _deflate(data: bytes, level: int, strategy: int) -> bytes:
    """Deflate, with an end at a whole byte, so that another piece can follow."""
    stream = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, strategy)
    return stream.compress(data) + stream.flush(zlib.Z_FULL_FLUSH)
