"""Many copies of one conversation in one capture: each with its own addresses and right checksums."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable

from .numbers import ETHERNET_LENGTH

MOST = 4000
"""The number of copies for which the lab's addresses have room."""


def copier(raw: bytes) -> Callable[[int], bytes]:
    """Return the function that makes the n-th copy of a TCP frame: one word of each address grows by n.

    So two words under a checksum grow by n, and the checksum shrinks by 2n in ones' complement (RFC 1624).
    """
    is_ipv4 = raw[ETHERNET_LENGTH] >> 4 == 4
    header = (raw[ETHERNET_LENGTH] & 15) * 4 if is_ipv4 else 40
    tcp_checksum = ETHERNET_LENGTH + header + 16
    growth = {24: -2, 26: 1, 30: 1, tcp_checksum: -2} if is_ipv4 else {26: 1, 42: 1, tcp_checksum: -2}
    shape, fixed, at = "!", [], 0
    for place in growth:
        shape += f"{place - at}sH"
        fixed.append(raw[at:place])
        at = place + 2
    pack = struct.Struct(f"{shape}{len(raw) - at}s").pack
    words = [struct.unpack_from("!H", raw, place)[0] for place in growth]
    grows = list(growth.values())
    tail = raw[at:]

    def copy(n: int) -> bytes:
        fields: list[bytes | int] = []
        for piece, word, by in zip(fixed, words, grows, strict=True):
            fields += (piece, word + n if by == 1 else (word - 2 * n) % 0xFFFF)
        return pack(*fields, tail)

    return copy


def number_of(address: str, original: str) -> int:
    """The number of the copy that an address belongs to."""
    return _word(address) - _word(original)


def _word(address: str) -> int:
    if ":" in address:
        return int.from_bytes(ipaddress.IPv6Address(address).packed[4:6], "big")
    first, second, *_ = address.split(".")
    return int(first) * 256 + int(second)
