"""Made-up TCP connections in a capture: each opens, asks, is answered, and closes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

FIN, SYN, PSH, ACK = 1, 2, 8, 16
ASK, ANSWER = 200, 600
"""Bytes of payload."""


def write(path: Path, connections: int, interleaved: int = 100, first: int = 0) -> int:
    """Write a pcap file with so many connections, ``interleaved`` of them at a time; return the number of packets.

    No two numbers give the same connection; the ``first`` is given.
    """
    packets = 0
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, 1))
        for begin in range(first, first + connections, interleaved):
            talks = [talk(number) for number in range(begin, min(begin + interleaved, first + connections))]
            for step in zip(*talks, strict=True):
                for frame in step:
                    seconds, nanos = divmod(packets * 1000, 1_000_000_000)
                    out.write(
                        struct.pack("<IIII", 1_767_225_600 + seconds, nanos, len(frame), len(frame)) + frame
                    )
                    packets += 1
    return packets


def talk(number: int) -> Iterator[bytes]:
    """Yield the frames of one connection."""
    port, host = 10_000 + number % 50_000, 1 + number // 50_000
    client, server = (bytes((10, 1, host >> 8, host & 255)), port), (bytes((10, 2, 0, 1)), 443)
    x, y = 1000 + number, 900_000 + number
    yield frame(client, server, x, 0, SYN, b"")
    yield frame(server, client, y, x + 1, SYN | ACK, b"")
    yield frame(client, server, x + 1, y + 1, ACK, b"")
    for turn in range(4):
        asked, answered = x + 1 + turn * ASK, y + 1 + turn * ANSWER
        yield frame(client, server, asked, answered, PSH | ACK, bytes(ASK))
        yield frame(server, client, answered, asked + ASK, PSH | ACK, bytes(ANSWER))
    x, y = x + 1 + 4 * ASK, y + 1 + 4 * ANSWER
    yield frame(client, server, x, y, FIN | ACK, b"")
    yield frame(server, client, y, x + 1, FIN | ACK, b"")
    yield frame(client, server, x + 1, y + 1, ACK, b"")


def frame(
    source: tuple[bytes, int], destination: tuple[bytes, int], seq: int, ack: int, flags: int, payload: bytes
) -> bytes:
    """Make an Ethernet frame; checksums are left to nobody."""
    tcp = struct.pack(">HHIIBBHHH", source[1], destination[1], seq, ack, 0x50, flags, 64_240, 0, 0)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(payload), seq & 0xFFFF, 0x4000, 64, 6, 0)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + source[0] + destination[0] + tcp + payload
