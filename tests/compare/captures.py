"""Captures rewritten on the fly: with a clock of their own, or cut short."""

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
    pieces = [path.read_bytes()[:24]]
    for record in records(path):
        if (changed := change(record)) is not None:
            time_ns, length, data = changed
            seconds, fraction = divmod(time_ns, _BILLION)
            pieces += [_RECORD.pack(seconds, fraction, len(data), length), data]
    into.write_bytes(b"".join(pieces))
    return into


def crooked(path: Path, into: Path, offset_ns: int, drift: float) -> Path:
    """Let a capture be told by a clock that is wrong by ``offset_ns`` when it begins, and drifts from then on."""
    found = records(path)
    start = found[0][0] if found else 0

    def change(record: Record) -> Record:
        time_ns, length, data = record
        return time_ns + offset_ns + round((time_ns - start) * drift), length, data

    return rewritten(path, into, change)


def snapped(path: Path, into: Path, snaplen: int = 96) -> Path:
    """Cut every frame of a capture."""
    return rewritten(path, into, lambda record: (record[0], record[1], record[2][:snaplen]))
