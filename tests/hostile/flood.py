"""Packets by the million: copies of one frame whose octets change from copy to copy, written column by column."""

import random
import struct
import sys
from array import array
from collections.abc import Iterable
from pathlib import Path

from tests.packets import ip, tcp

HEADER = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1)
BASE_S = 1_700_000_000
RECORD = 16
SOURCE, DESTINATION = 26, 30
"""The offsets of the addresses in a frame of Ethernet and IPv4."""
SPORT, DPORT, SEQ, ACK, FLAGS = 34, 36, 38, 42, 47
"""The offsets of TCP's fields after them."""


class Flood:
    """A number of frames, ``step_ns`` apart, from an instant on."""

    def __init__(self, frame: bytes, count: int, *, first: int = 0, step_ns: int = 10_000) -> None:
        self.count = count
        record = struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame
        self._stride = len(record)
        self._data = bytearray(record * count)
        times = [divmod((first + number) * step_ns, 10**9) for number in range(count)]
        self._put(0, (BASE_S + seconds for seconds, _ in times), 4, "little")
        self._put(4, (nanos for _, nanos in times), 4, "little")

    def vary(self, at: int, numbers: Iterable[int], octets: int = 4) -> "Flood":
        """Write a number of two or four octets into each frame."""
        self._put(RECORD + at, numbers, octets, "big")
        return self

    def spell(self, at: int, octets: bytes) -> "Flood":
        """Write one octet into each frame."""
        self._data[RECORD + at :: self._stride] = octets
        return self

    def records(self) -> bytes:
        return bytes(self._data)

    def write(self, path: Path) -> Path:
        path.write_bytes(HEADER + self._data)
        return path

    def _put(self, at: int, numbers: Iterable[int], octets: int, order: str) -> None:
        column = array("H" if octets == 2 else "I", numbers)
        if sys.byteorder != order:
            column.byteswap()
        written = column.tobytes()
        for octet in range(octets):
            self._data[at + octet :: self._stride] = written[octet::octets]


def segment(flags: str = ".", payload: int = 0, options: bytes = b"") -> bytes:
    """Return a frame with a segment of TCP."""
    made = tcp.Tcp(4000, 80, flags, 1000, 5000, payload=payload, options=options).pack()
    return ip.ethernet(ip.ipv4("10.0.0.1", "192.0.2.80", made))


def numbers(count: int, seed: int = 1, bits: int = 32) -> list[int]:
    """Return random numbers, the same each time."""
    chance = random.Random(seed)
    return [chance.getrandbits(bits) for _ in range(count)]
