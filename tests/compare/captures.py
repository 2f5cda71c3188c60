"""Captures rewritten on the fly: with another clock, or cut short."""

import struct
from collections.abc import Callable
from pathlib import Path

HOUR = 3_600_000_000_000
_NANOSECONDS = 0xA1B23C4D
_RECORD = struct.Struct("<IIII")
_BILLION = 1_000_000_000

Record = tuple[int, int, bytes]
"""Time in Unix ns, length on the wire, and what was captured."""


def records(path: Path) -> list[Record]:
    """Read one of the lab's captures: nanoseconds, little-endian."""
    data = path.read_bytes()
    assert struct.unpack_from("<I", data)[0] == _NANOSECONDS, path
    found, place = [], 24
    while place < len(data):
        seconds, fraction, held, length = _RECORD.unpack_from(data, place)
        place += _RECORD.size
        found.append((seconds * _BILLION + fraction, length, data[place : place + held]))
        place += held
    return found


def rewritten(path: Path, into: Path, change: Callable[[Record], Record | None]) -> Path:
    """Write a capture whose records are changed, or left out where nothing is returned."""
    chunks = [path.read_bytes()[:24]]
    for record in records(path):
        if (changed := change(record)) is not None:
            time_ns, length, data = changed
            seconds, fraction = divmod(time_ns, _BILLION)
            chunks += [_RECORD.pack(seconds, fraction, len(data), length), data]
    into.write_bytes(b"".join(chunks))
    return into


def crooked(path: Path, into: Path, offset_ns: int, drift: float) -> Path:
    """Give a capture a clock that is wrong by ``offset_ns`` at its beginning, and drifts from then on."""
    found = records(path)
    start = found[0][0] if found else 0

    def change(record: Record) -> Record:
        time_ns, length, data = record
        return time_ns + offset_ns + round((time_ns - start) * drift), length, data

    return rewritten(path, into, change)


def snapped(path: Path, into: Path, snaplen: int = 128) -> Path:
    """Cut every frame of a capture, as ``tcpdump -s`` does: an ICMPv6 error needs 110 bytes for what it quotes."""
    return rewritten(path, into, lambda record: (record[0], record[1], record[2][:snaplen]))


Segment = bytearray
"""A TCP header, to be changed in place: ports at 0 and 2, numbers at 4 and 8, flags at 13, options from 20 on."""


def meddled(
    path: Path, into: Path, meddle: Callable[[Segment, bool], None], address: bytes | None = None
) -> Path:
    """Let a middlebox change every TCP segment over IPv4 of a capture.

    ``meddle`` is given the header and whether the client sent it, by its port; ``address`` is what becomes of the
    client's.
    """

    def change(record: Record) -> Record:
        time_ns, length, data = record
        ip = 14
        if data[12:14] != b"\x08\x00" or data[ip + 9] != 6:
            return record
        tcp = ip + (data[ip] & 15) * 4
        header = Segment(data[tcp:])
        from_client = struct.unpack_from("!H", header)[0] >= 32768
        meddle(header, from_client)
        front = bytearray(data[:tcp])
        if address:
            place = ip + (12 if from_client else 16)
            front[place : place + 4] = address
        return time_ns, length, bytes(front + header)

    return rewritten(path, into, change)


def add(header: Segment, place: int, number: int) -> None:
    """Add to a number of 32 bits in a header."""
    value = struct.unpack_from("!I", header, place)[0]
    struct.pack_into("!I", header, place, (value + number) % 2**32)


def options(header: Segment) -> list[tuple[int, int]]:
    """Return the kinds of a header's options, each with its offset."""
    found, place, end = [], 20, (header[12] >> 4) * 4
    while place < end and header[place]:
        kind = header[place]
        found.append((kind, place))
        place += 1 if kind == 1 else header[place + 1]
    return found
