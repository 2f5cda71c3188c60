"""Capture files as bytes: pcap in its dialects, and pcapng."""

import struct
from collections.abc import Sequence

Frame = tuple[int, int, bytes]
"""Time in Unix ns, length on the wire, bytes."""


def pcap(
    frames: Sequence[Frame],
    *,
    link: int = 1,
    order: str = "<",
    nanoseconds: bool = False,
    snaplen: int = 65535,
) -> bytes:
    magic, unit = (0xA1B23C4D, 1) if nanoseconds else (0xA1B2C3D4, 1000)
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link)]
    for time, length, data in frames:
        seconds, rest = divmod(time, 10**9)
        parts += [struct.pack(order + "IIII", seconds, rest // unit, len(data), length), data]
    return b"".join(parts)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += b"\0" * (-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int = 1, order: str = "<") -> bytes:
    return block(1, struct.pack(order + "HHI", link, 0, 65535), order)


def pcapng(frames: Sequence[Frame], *, link: int = 1, order: str = "<") -> bytes:
    parts = [section(order), interface(link, order)]
    for time, length, data in frames:
        high, low = divmod(time // 1000, 1 << 32)
        parts.append(block(6, struct.pack(order + "IIIII", 0, high, low, len(data), length) + data, order))
    return b"".join(parts)
