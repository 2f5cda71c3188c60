"""The same connections many times over, as in an outage: from other ports, and of other clients if asked."""

import struct
from collections.abc import Iterator, Sequence

from tests.packets.files import Frame

APART_NS = 3_000_000
"""One copy begins so long after the one before it."""
_PORTS = 60_000
_ETHERNET = 14


def multiplied(frames: Sequence[Frame], copies: int, *, clients: bool) -> list[Frame]:
    """Return the frames of so many copies, in order: of as many ``clients``, or of the same."""
    server = _server(frames)
    return sorted(
        (time_ns + copy * APART_NS, length, _renamed(data, server, copy, clients=clients))
        for copy in range(copies)
        for time_ns, length, data in frames
    )


def _server(frames: Sequence[Frame]) -> bytes:
    """Return the port of the first SYN, or the lowest one of all."""
    ports = [data[at : at + 4] for _, _, data in frames if (at := _tcp(data))]
    asked = [
        data[at + 2 : at + 4] for _, _, data in frames if (at := _tcp(data)) and data[at + 13] & 0x12 == 2
    ]
    return next(iter(asked), None) or min(port for pair in ports for port in (pair[:2], pair[2:]))


def _tcp(data: bytes) -> int:
    """Return where the TCP header of a frame of Ethernet begins; 0 where there is none."""
    if data[12:14] == b"\x08\x00" and data[23:24] == b"\x06" and not int.from_bytes(data[20:22]) & 0x1FFF:
        at = _ETHERNET + (data[14] & 15) * 4
    elif data[12:14] == b"\x86\xdd" and data[20:21] == b"\x06":
        at = _ETHERNET + 40
    else:
        return 0
    return at if len(data) >= at + 18 else 0


def _renamed(data: bytes, server: bytes, copy: int, *, clients: bool) -> bytes:
    at = _tcp(data)
    if not at or not copy:
        return data
    is_from_client = data[at + 2 : at + 4] == server
    port_at = at if is_from_client else at + 2
    port = (int.from_bytes(data[port_at : port_at + 2]) - 1024 + copy * 7) % _PORTS + 1024
    changes = [(port_at, port + (port == int.from_bytes(server)))]
    if clients:
        is_v4 = data[12:14] == b"\x08\x00"
        begin, size = (26, 4) if is_v4 else (22, 16)
        last = begin + (size if is_from_client else 2 * size) - 2
        changes.append((last, (int.from_bytes(data[last : last + 2]) + copy * 257) % 2**16))
    return _with_words(data, at, dict(changes))


def _with_words(data: bytes, tcp_at: int, words: dict[int, int]) -> bytes:
    """Replace words of 16 bits, and keep checksums as right or wrong as they were (RFC 1624)."""
    frame = bytearray(data)
    for at, word in words.items():
        before = int.from_bytes(frame[at : at + 2])
        struct.pack_into(">H", frame, at, word)
        for sum_at in _checksums_over(data, at, tcp_at):
            total = (~int.from_bytes(frame[sum_at : sum_at + 2]) & 0xFFFF) + (~before & 0xFFFF) + word
            while total >> 16:
                total = (total & 0xFFFF) + (total >> 16)
            struct.pack_into(">H", frame, sum_at, ~total & 0xFFFF)
    return bytes(frame)


def _checksums_over(data: bytes, at: int, tcp_at: int) -> Iterator[int]:
    if at < tcp_at and data[12:14] == b"\x08\x00":
        yield _ETHERNET + 10
    yield tcp_at + 16
