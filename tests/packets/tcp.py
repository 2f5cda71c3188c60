"""One TCP segment as bytes (RFC 9293, 3.1)."""

import struct
from dataclasses import dataclass

FLAGS = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08, ".": 0x10, "U": 0x20, "E": 0x40, "W": 0x80, "e": 0x100}
"""The control bits, by the letters that tcpdump prints."""

MODULUS = 1 << 32


@dataclass(frozen=True, slots=True)
class Tcp:
    """The fields of a header, and how much payload follows."""

    source_port: int
    destination_port: int
    flags: str
    seq: int
    ack: int = 0
    window: int = 64240
    options: bytes = b""
    payload: int = 0

    def pack(self) -> bytes:
        """Return header and payload. The checksum is zero: it takes in the addresses, and :mod:`.ip` fills it in."""
        options = self.options + b"\0" * (-len(self.options) % 4)
        bits = 0
        for letter in self.flags:
            bits |= FLAGS[letter]
        offset = 5 + len(options) // 4
        payload = bytes((self.seq + i) & 0xFF for i in range(self.payload))
        seq, ack = self.seq % MODULUS, self.ack % MODULUS
        fields = (
            self.source_port,
            self.destination_port,
            seq,
            ack,
            offset << 12 | bits,
            self.window,
            0,
            0,
        )
        return struct.pack("!HHIIHHHH", *fields) + options + payload


def mss(size: int) -> bytes:
    return struct.pack("!BBH", 2, 4, size)


def window_scale(shift: int) -> bytes:
    return struct.pack("!BBBB", 1, 3, 3, shift)


def sack_permitted() -> bytes:
    return struct.pack("!BBBB", 1, 1, 4, 2)


def timestamps(value: int, echo: int) -> bytes:
    return struct.pack("!BBBBII", 1, 1, 8, 10, value, echo)


def fast_open(cookie: bytes) -> bytes:
    return struct.pack("!BB", 34, 2 + len(cookie)) + cookie


def multipath_capable() -> bytes:
    """Return what a SYN asks with for Multipath TCP (RFC 8684, 3.1)."""
    return struct.pack("!BBBB", 30, 4, 0x01, 0x01)


def multipath_join() -> bytes:
    """Return what a SYN bears that asks to join a connection of Multipath TCP (RFC 8684, 3.2)."""
    return struct.pack("!BBBBII", 30, 12, 0x10, 1, 0x5C5C5C5C, 0x3D3D3D3D)


def multipath_fast_close() -> bytes:
    """Return what ends a Multipath connection at once, and asks for a reset (RFC 8684, 3.5)."""
    return struct.pack("!BBBB8s", 30, 12, 0x70, 0x00, b"\x5c" * 8)


def multipath_reset(reason: int) -> bytes:
    """Return the reason for the reset of a subflow (RFC 8684, 3.6)."""
    return struct.pack("!BBBB", 30, 4, 0x80, reason)


def md5_signature() -> bytes:
    """Return an MD5 signature (RFC 2385, 3.0), which cannot be checked without the password."""
    return struct.pack("!BB", 19, 18) + b"\x3d" * 16


def sack(left: int, right: int) -> bytes:
    return struct.pack("!BBBBII", 1, 1, 5, 10, left % MODULUS, right % MODULUS)
