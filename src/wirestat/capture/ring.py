"""The ring that the kernel fills with captured packets (``packet(7)``, ``TPACKET_V3``), one block after the other.

A block belongs to the kernel or to us, by its status word. Our blocks go whole to the core, which copies them, and
then back to the kernel. Python touches no packet.
"""

from __future__ import annotations

import mmap
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wirestat import _core

SOL_PACKET = 263
_PACKET_RX_RING = 5
_PACKET_VERSION = 10
_TPACKET_V3 = 2

BLOCK = 1 << 18
"""Bytes of a block: packets of 64 KiB, as offloading makes them, fit well, and a copy fits the processor's cache."""
_FRAME = 1 << 11
RETIRE_MS = 50
"""Milliseconds after which a block is handed over even if it is not full."""

_STATUS = 8
_LENGTH = 20
_OURS = 1
_WORD = 4
_KERNELS = 0


class Ring:
    """The ring of one socket."""

    def __init__(self, packets: socket.socket, size: int) -> None:
        """Ask the kernel for a ring of about ``size`` bytes; if memory is short, for a smaller one."""
        packets.setsockopt(SOL_PACKET, _PACKET_VERSION, _TPACKET_V3)
        blocks = max(2, size // BLOCK)
        while True:
            try:
                packets.setsockopt(SOL_PACKET, _PACKET_RX_RING, _request(blocks))
                break
            except OSError:
                if blocks <= 2:
                    raise
                blocks //= 2
        self.blocks = blocks
        self._map = mmap.mmap(packets.fileno(), blocks * BLOCK, mmap.MAP_SHARED)
        self._bytes = memoryview(self._map)
        self._words = self._bytes.cast("I")
        self._next = 0

    def feed(self, core: _core.Tracker) -> bool:
        """Pass the next block to the core and back to the kernel. ``False`` if it is not filled yet."""
        begin = self._next * BLOCK
        status = (begin + _STATUS) // _WORD
        if not self._words[status] & _OURS:
            return False
        length = min(self._words[(begin + _LENGTH) // _WORD], BLOCK)
        try:
            core.feed_ring_block(self._bytes[begin : begin + length])
        finally:
            self._words[status] = _KERNELS
            self._next = (self._next + 1) % self.blocks
        return True

    def waiting(self) -> Iterator[bool]:
        """Return for each block whether it is ready to read."""
        return (bool(self._words[(i * BLOCK + _STATUS) // _WORD] & _OURS) for i in range(self.blocks))

    def close(self) -> None:
        """Release the memory; the socket must stay open until then."""
        self._words.release()
        self._bytes.release()
        with suppress(BufferError):
            self._map.close()


def _request(blocks: int) -> bytes:
    """Lay out ``struct tpacket_req3``."""
    return struct.pack("=7I", BLOCK, blocks, _FRAME, blocks * BLOCK // _FRAME, RETIRE_MS, 0, 0)
