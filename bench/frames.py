"""The bytes of one captured frame: a pcap record of Ethernet, IPv4 and TCP."""

from random import Random
from struct import Struct
from typing import NamedTuple

from bench.dialogues import ACK, RST, SYN

CAPTURE_HEADER = Struct("<IHHiIII").pack(0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)

_RECORD = Struct("<IIII")
_ETHERNET = bytes.fromhex("020000000002 020000000001 0800")
_HEADERS = ">14s HHHHBBHII HHIIBBHHH"
_PLAIN = Struct(_HEADERS)
_STAMPED = Struct(_HEADERS + "III")
_SYN = Struct(_HEADERS + "IIIII")

_CONSTANT_SUM = 0x4500 + 0x4000 + 0x4006
"""What the fixed words of an IPv4 header add to its checksum: no options; DF; TTL 64 and TCP."""

_LONGEST, _PLACES = 1448, 1 << 14
_NOISE = Random(9293).randbytes(_PLACES + _LONGEST)
"""Payload looks encrypted, so that no dissector finds anything in it."""


class Sender(NamedTuple):
    """One end of a connection, as far as its packets' headers tell."""

    address: int
    port: int
    peer_address: int
    peer_port: int
    address_sum: int
    """What both addresses add to the checksum."""


def sender(address: int, port: int, peer_address: int, peer_port: int) -> Sender:
    """Make one end."""
    words = sum(word & 0xFFFF for ip in (address, peer_address) for word in (ip, ip >> 16))
    return Sender(address, port, peer_address, peer_port, _CONSTANT_SUM + words)


def record(
    time_us: int,
    who: Sender,
    packet: int,
    seq: int,
    ack: int,
    flags: int,
    window: int,
    length: int,
    clock: int,
    echo: int,
    payload: bool,
) -> bytes:
    """Return the record of one frame, with its payload or cut behind the TCP header.

    ``packet`` is the IP identification; ``clock`` and ``echo`` are the time stamps. There are none on a reset.
    """
    address, port, peer_address, peer_port, address_sum = who
    options: tuple[int, ...]
    if flags & SYN:
        layout, offset, options = _SYN, 0xA0, (0x020405B4, 0x0402080A, clock, echo, 0x01030307)
    elif flags & RST:
        layout, offset, options = _PLAIN, 0x50, ()
    else:
        layout, offset, options = _STAMPED, 0x80, (0x0101080A, clock, echo)
    total = layout.size - 14 + length
    check = address_sum + total + packet
    check = (check & 0xFFFF) + (check >> 16)
    check = (check & 0xFFFF) + (check >> 16)
    headers = layout.pack(
        _ETHERNET,
        0x4500, total, packet, 0x4000, 64, 6, check ^ 0xFFFF, address, peer_address,
        port, peer_port, seq, ack if flags & ACK else 0, offset, flags, window,
        (seq * 31 + ack * 17 + packet * 7 + length) & 0xFFFF,  # a checksum, as far as anyone looks
        0,
        *options,
    )  # fmt: skip
    if payload and length:
        place = seq % _PLACES
        headers += _NOISE[place : place + length]
    return _RECORD.pack(time_us // 1_000_000, time_us % 1_000_000, len(headers), total + 14) + headers
