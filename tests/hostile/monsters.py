"""Files that claim, hide or repeat more than fits into memory."""

import gzip
import struct
from collections.abc import Callable

from tests.hostile.flood import BASE_S, HEADER

_SECTION, _INTERFACE, _COMMENT = 0x0A0D0D0A, 1, 1


def bomb() -> bytes:
    """Hide a gigabyte of zeros behind a header, as a few megabytes of gzip."""
    return gzip.compress(HEADER + bytes(1 << 30), 1)


def long_record() -> bytes:
    """Claim a frame as long as a length can be."""
    return HEADER + struct.pack("<IIII", BASE_S, 0, 0xFFFFFFFF, 0xFFFFFFFF) + bytes(1000)


def no_octets() -> bytes:
    """Repeat two million frames without an octet."""
    return HEADER + struct.pack("<IIII", BASE_S, 0, 0, 0) * 2_000_000


def interfaces() -> bytes:
    """Describe 300,000 interfaces, and have no frame."""
    section = struct.pack("<IIIHHqI", _SECTION, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    return section + struct.pack("<IIHHII", _INTERFACE, 20, 1, 0, 65535, 20) * 300_000


def comments() -> bytes:
    """Begin a thousand sections, each with a comment of 60,000 octets."""
    options = struct.pack("<HH", _COMMENT, 60_000) + b"x" * 60_000
    length = 28 + len(options)
    section = struct.pack("<IIIHHq", _SECTION, length, 0x1A2B3C4D, 1, 0, -1)
    return (section + options + struct.pack("<I", length)) * 1000


MONSTERS: dict[str, Callable[[], bytes]] = {
    make.__name__: make for make in (bomb, long_record, no_octets, interfaces, comments)
}
