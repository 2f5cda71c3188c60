"""Numbers written so that they deflate well: bytes of one weight side by side.

A column becomes planes: the lowest byte of every value, then the next byte of every value, and so on. Planes in which
all bytes are equal are not written at all. ``parts/js/data.js`` reads what is written here.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Iterator

_LEVEL = 4
"""Of deflate: higher ones take twice as long for a fiftieth of the size."""
_MEMORY = 8
"""zlib's own default."""
_PIECE = 3 << 18
"""Bytes turned into base64 at once: a multiple of three, so that pieces can be put one after the other."""

Planes = list[int]
"""Where each plane begins, in bytes of the data; ``-1 - b`` for one in which every byte is ``b``."""


class Pack:
    """Data of a page: planes one after the other."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._planes: list[bytes] = []
        self._size = 0

    def planes(self, values: bytes, width: int) -> Planes:
        """Write values of ``width`` bytes each, the lowest byte first, and say where their planes are.

        The highest planes are left out where they hold zeros only.
        """
        places = [self._plane(values[byte::width]) for byte in range(width)]
        while places and places[-1] == -1:
            places.pop()
        return places

    def _plane(self, plane: bytes) -> int:
        if not plane or plane.count(plane[0]) == len(plane):
            return -1 - plane[0] if plane else -1
        place = self._size
        self._planes.append(plane)
        self._size += len(plane)
        return place

    def base64(self) -> Iterator[bytes]:
        """Yield all planes deflated, in base64."""
        rest = b""
        for piece in self._deflated():
            rest += piece
            if whole := len(rest) // _PIECE * _PIECE:
                yield b64encode(rest[:whole])
                rest = rest[whole:]
        yield b64encode(rest)

    def _deflated(self) -> Iterator[bytes]:
        stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, _MEMORY, zlib.Z_FILTERED)
        yield from map(stream.compress, self._planes)
        yield stream.flush()
