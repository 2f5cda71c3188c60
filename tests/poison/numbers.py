"""Arithmetic of sequence numbers (RFC 9293, 3.4), and the TCP options that matter here."""

from __future__ import annotations

import struct

MODULUS = 1 << 32
ETHERNET_LENGTH = 14


def ahead(one: int, other: int) -> int:
    """The distance of ``one`` ahead of ``other``; negative if it is behind."""
    return (one - other + (1 << 31)) % MODULUS - (1 << 31)


def furthest(one: int | None, other: int) -> int:
    return other if one is None or ahead(other, one) > 0 else one


def options(raw: bytes) -> dict[int, bytes]:
    """The options of a TCP frame, by kind; of repeated ones the last."""
    version = raw[ETHERNET_LENGTH] >> 4
    start = ETHERNET_LENGTH + ((raw[ETHERNET_LENGTH] & 15) * 4 if version == 4 else 40)
    end = start + (raw[start + 12] >> 4) * 4
    found: dict[int, bytes] = {}
    at = start + 20
    while at < end:
        kind = raw[at]
        if kind == 0:
            break
        if kind == 1:
            at += 1
            continue
        if at + 1 >= end or raw[at + 1] < 2:
            break
        found[kind] = raw[at + 2 : at + raw[at + 1]]
        at += raw[at + 1]
    return found


def time_stamps(raw: bytes) -> tuple[int, int] | None:
    """TSval and TSecr (RFC 7323, 3.2)."""
    body = options(raw).get(8)
    if body is None or len(body) != 8:
        return None
    value, echo = struct.unpack("!II", body)
    return value, echo


def window_scale(raw: bytes) -> int:
    """The shift of a SYN's window scale option; 0 if it has none."""
    body = options(raw).get(3)
    return min(body[0], 14) if body else 0
