"""The bytes of one captured frame: a pcap record of Ethernet, IPv4 and TCP."""

from itertools import accumulate
from random import Random
from struct import Struct, unpack
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
"""The sum of the fixed words of an IPv4 header in its checksum: no options; DF; TTL 64 and TCP."""

_LONGEST, _PLACES = 1448, 1 << 14
_NOISE = Random(9293).randbytes(_PLACES + _LONGEST)
"""Payload looks encrypted, so that no dissector finds anything in it."""
_SUMS: tuple[int, ...] = (0, *accumulate(unpack(f">{len(_NOISE) // 2}H", _NOISE)))
"""The sums of its words, from the first to each."""


class Sender(NamedTuple):
    """One end of a connection, as far as its packets' headers tell."""

    address: int
    port: int
    peer_address: int
    peer_port: int
    address_sum: int
    """The part of a checksum that both addresses make up."""


def sender(address: int, port: int, peer_address: int, peer_port: int) -> Sender:
    """Make one end."""
    words = sum(word & 0xFFFF for ip in (address, peer_address) for word in (ip, ip >> 16))
    return Sender(address, port, peer_address, peer_port, words)


class Header(NamedTuple):
    """The headers of one packet, as far as they change from one to the next."""

    packet: int
    """The IP identification."""
    seq: int
    ack: int
    flags: int
    window: int
    length: int
    """Octets of payload."""
    clock: int
    """The time stamp; there is none on a reset."""
    echo: int
    """The time stamp of the other end that comes back."""


def record(time_us: int, who: Sender, header: Header, *, payload: bool) -> bytes:
    """Return the record of one frame, with its payload or cut behind the TCP header."""
    address, port, peer_address, peer_port, address_sum = who
    packet, seq, ack, flags, window, length, clock, echo = header
    options: tuple[int, ...]
    if flags & SYN:
        layout, offset, options = _SYN, 0xA0, (0x020405B4, 0x0402080A, clock, echo, 0x01030307)
    elif flags & RST:
        layout, offset, options = _PLAIN, 0x50, ()
    else:
        layout, offset, options = _STAMPED, 0x80, (0x0101080A, clock, echo)
    total = layout.size - 14 + length
    ack = ack if flags & ACK else 0
    place = seq % _PLACES & ~1
    pseudo = address_sum + 6 + layout.size - 34 + length
    said = pseudo + port + peer_port + _words(seq, ack, *options) + (offset << 8 | flags) + window
    ip_sum = _check(_CONSTANT_SUM + address_sum + total + packet)
    tcp_sum = _check(said + _sum_of_noise(place, length))
    headers = layout.pack(
        _ETHERNET,
        0x4500, total, packet, 0x4000, 64, 6, ip_sum, address, peer_address,
        port, peer_port, seq, ack, offset, flags, window, tcp_sum, 0,
        *options,
    )  # fmt: skip
    if payload and length:
        headers += _NOISE[place : place + length]
    return _RECORD.pack(time_us // 1_000_000, time_us % 1_000_000, len(headers), total + 14) + headers


def _words(*numbers: int) -> int:
    """Return the sum of both halves of each."""
    return sum((number >> 16) + (number & 0xFFFF) for number in numbers)


def _sum_of_noise(place: int, length: int) -> int:
    """Return what a payload adds to a checksum; the last octet of an odd number stands for a word."""
    first, last = place // 2, (place + length) // 2
    return _SUMS[last] - _SUMS[first] + (_NOISE[place + length - 1] << 8 if length % 2 else 0)


def _check(words: int) -> int:
    """Return the Internet checksum of what adds up to that (RFC 1071)."""
    words = (words & 0xFFFF) + (words >> 16)
    return (words & 0xFFFF) + (words >> 16) ^ 0xFFFF
