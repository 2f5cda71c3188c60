"""Captures on disk: classic pcap with nanosecond times, link type Ethernet."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

MAGIC_NANOSECONDS = 0xA1B23C4D
SNAPLEN = 65535
LINKTYPE_ETHERNET = 1

Record = tuple[int, bytes]
"""Time in ns, and the bytes of the frame."""


def write(path: Path, records: Iterable[Record]) -> None:
    """Write the records in order of their times."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", MAGIC_NANOSECONDS, 2, 4, 0, 0, SNAPLEN, LINKTYPE_ETHERNET))
        for time_ns, raw in sorted(records, key=lambda record: record[0]):
            seconds, nanoseconds = divmod(time_ns, 10**9)
            file.write(struct.pack("<IIII", seconds, nanoseconds, len(raw), len(raw)))
            file.write(raw)


def read(path: Path) -> list[Record]:
    """Read back what ``write`` wrote."""
    data = path.read_bytes()
    (magic,) = struct.unpack_from("<I", data)
    if magic != MAGIC_NANOSECONDS:
        raise ValueError(f"{path}: not a nanosecond pcap of this byte order")
    records: list[Record] = []
    position = 24
    while position < len(data):
        seconds, nanoseconds, captured, _ = struct.unpack_from("<IIII", data, position)
        records.append((seconds * 10**9 + nanoseconds, data[position + 16 : position + 16 + captured]))
        position += 16 + captured
    return records
