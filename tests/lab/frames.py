"""Ethernet frames, read and forged: just enough IPv4, IPv6, TCP and ICMP for a wire that must choose
frames."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field
from enum import IntFlag

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_IPV6 = 0x86DD
PROTOCOL_ICMP = 1
PROTOCOL_TCP = 6
PROTOCOL_ICMPV6 = 58
ETHERNET_LENGTH = 14


class Flag(IntFlag):
    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10
    URG = 0x20
    ECE = 0x40
    CWR = 0x80


NO_FLAGS = Flag(0)
_LETTERS = (
    (Flag.SYN, "S"),
    (Flag.FIN, "F"),
    (Flag.RST, "R"),
    (Flag.PSH, "P"),
    (Flag.ACK, "."),
    (Flag.URG, "U"),
)


@dataclass(frozen=True)
class Frame:
    """One frame. The TCP fields are zero unless ``is_tcp``."""

    raw: bytes = field(repr=False)
    source: str = ""
    destination: str = ""
    protocol: int = 0
    source_port: int = 0
    destination_port: int = 0
    seq: int = 0
    ack: int = 0
    flags: Flag = NO_FLAGS
    window: int = 0
    length: int = 0
    """Bytes of TCP payload."""

    @property
    def is_tcp(self) -> bool:
        return self.protocol == PROTOCOL_TCP

    @property
    def flow(self) -> tuple[str, int, str, int]:
        """Sender address and port, receiver address and port."""
        return self.source, self.source_port, self.destination, self.destination_port

    @property
    def reverse_flow(self) -> tuple[str, int, str, int]:
        return self.destination, self.destination_port, self.source, self.source_port

    @property
    def next_seq(self) -> int:
        """The sequence number after everything in this segment, SYN and FIN included."""
        return (self.seq + self.length + bool(self.flags & Flag.SYN) + bool(self.flags & Flag.FIN)) % 2**32

    @property
    def flag_letters(self) -> str:
        """Flags in tcpdump's letters: S F R P . U."""
        return "".join(letter for flag, letter in _LETTERS if self.flags & flag)


def parse(raw: bytes) -> Frame:
    """Read a frame; what is not understood stays raw bytes."""
    if len(raw) < ETHERNET_LENGTH:
        return Frame(raw)
    ethertype = int.from_bytes(raw[12:14], "big")
    packet = raw[ETHERNET_LENGTH:]
    if ethertype == ETHERTYPE_IPV4 and len(packet) >= 20:
        header = (packet[0] & 15) * 4
        total = int.from_bytes(packet[2:4], "big")
        source, destination = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
        protocol, body = packet[9], packet[header:total]
    elif ethertype == ETHERTYPE_IPV6 and len(packet) >= 40:
        source = socket.inet_ntop(socket.AF_INET6, packet[8:24])
        destination = socket.inet_ntop(socket.AF_INET6, packet[24:40])
        protocol, body = packet[6], packet[40 : 40 + int.from_bytes(packet[4:6], "big")]
    else:
        return Frame(raw)
    if protocol != PROTOCOL_TCP or len(body) < 20:
        return Frame(raw, source, destination, protocol)
    source_port, destination_port, seq, ack, offset, flags, window = struct.unpack_from("!HHIIBBH", body)
    length = len(body) - (offset >> 4) * 4
    return Frame(
        raw,
        source,
        destination,
        protocol,
        source_port,
        destination_port,
        seq,
        ack,
        Flag(flags),
        window,
        length,
    )


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _packed(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def _pseudo_header(source: bytes, destination: bytes, protocol: int, length: int) -> bytes:
    if len(source) == 4:
        return source + destination + struct.pack("!BBH", 0, protocol, length)
    return source + destination + struct.pack("!IxxxB", length, protocol)


def _with_headers(
    ethernet: bytes, source: str, destination: str, protocol: int, body: bytes, hops: int = 64
) -> bytes:
    source_bytes, destination_bytes = _packed(source), _packed(destination)
    if len(source_bytes) == 4:
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0x4000, hops, protocol, 0)
        header += source_bytes + destination_bytes
        header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
        return ethernet + struct.pack("!H", ETHERTYPE_IPV4) + header + body
    header = struct.pack("!IHBB", 0x60000000, len(body), protocol, hops) + source_bytes + destination_bytes
    return ethernet + struct.pack("!H", ETHERTYPE_IPV6) + header + body


@dataclass(frozen=True)
class Address:
    """Where a forged frame claims to come from, or where it goes."""

    mac: bytes
    ip: str
    port: int


def tcp(
    source: Address,
    destination: Address,
    *,
    flags: Flag,
    seq: int,
    ack: int = 0,
    window: int = 64240,
    payload: bytes = b"",
    options: bytes = b"",
    hops: int = 64,
) -> bytes:
    """Forge one TCP frame. ``hops`` is the TTL or hop limit; ``options`` must be a multiple of four bytes."""
    offset = (5 + len(options) // 4) << 4
    head = struct.pack(
        "!HHIIBBHHH", source.port, destination.port, seq % 2**32, ack % 2**32, offset, flags, window, 0, 0
    )
    segment = head + options + payload
    pseudo = _pseudo_header(_packed(source.ip), _packed(destination.ip), PROTOCOL_TCP, len(segment))
    segment = segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]
    return _with_headers(destination.mac + source.mac, source.ip, destination.ip, PROTOCOL_TCP, segment, hops)


ICMPV6_CODES = {1: 3, 3: 4, 13: 1}
"""Host, port and prohibited: the codes of "destination unreachable" in RFC 792, and their like in RFC 4443."""


def icmp_unreachable(about: Frame, *, code: int, reporter: str) -> bytes:
    """The ICMP "destination unreachable" that a router at ``reporter`` sends back to the sender of ``about``.

    For IPv6 it is the ICMPv6 message that says the same.
    """
    ethernet = about.raw[6:12] + about.raw[0:6]
    quote = about.raw[ETHERNET_LENGTH:]
    if ":" in about.source:
        message = struct.pack("!BBHI", 1, ICMPV6_CODES[code], 0, 0) + quote[:1232]
        pseudo = _pseudo_header(_packed(reporter), _packed(about.source), PROTOCOL_ICMPV6, len(message))
        message = message[:2] + struct.pack("!H", checksum(pseudo + message)) + message[4:]
        return _with_headers(ethernet, reporter, about.source, PROTOCOL_ICMPV6, message)
    message = struct.pack("!BBHI", 3, code, 0, 0) + quote[:548]
    message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
    return _with_headers(ethernet, reporter, about.source, PROTOCOL_ICMP, message)
