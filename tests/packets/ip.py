"""IPv4 and IPv6 around a segment, ICMP errors that quote one, and Ethernet around all of it."""

import ipaddress
import struct

TCP = 6
ICMP = 1
ICMPV6 = 58
FRAGMENT = 44

DONT_FRAGMENT = 0x4000
FLAGS_AT = 13
"""Where a TCP header has its control bits."""
HEADER_CHECKSUM_AT = 10
"""Where an IPv4 header has its checksum."""
CHECKSUM_AT = 16
"""Where a TCP header has its checksum."""


def ipv4(
    source: str,
    destination: str,
    payload: bytes,
    *,
    id: int = 0,
    ttl: int = 64,
    protocol: int = TCP,
    tos: int = 0,
) -> bytes:
    """Return an IPv4 packet with right checksums; DF is set, as on everything that Linux sends of TCP."""
    addresses = ipaddress.IPv4Address(source).packed + ipaddress.IPv4Address(destination).packed
    fields = (0x45, tos, 20 + len(payload), id, DONT_FRAGMENT, ttl, protocol)
    header = struct.pack("!BBHHHBBH", *fields, 0) + addresses
    header = struct.pack("!BBHHHBBH", *fields, checksum(header)) + addresses
    return header + _with_checksum(addresses, payload, protocol)


def ipv6(
    source: str,
    destination: str,
    payload: bytes,
    *,
    hops: int = 64,
    protocol: int = TCP,
    label: int = 0,
    tos: int = 0,
) -> bytes:
    """Return an IPv6 packet without extension headers, with a right checksum."""
    addresses = ipaddress.IPv6Address(source).packed + ipaddress.IPv6Address(destination).packed
    header = struct.pack("!IHBB", 6 << 28 | tos << 20 | label, len(payload), protocol, hops)
    return header + addresses + _with_checksum(addresses, payload, protocol)


def checksum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _with_checksum(addresses: bytes, payload: bytes, protocol: int) -> bytes:
    """Fill in the checksum of a TCP segment (RFC 9293, 3.1); leave anything else as it is."""
    if protocol != TCP or len(payload) < CHECKSUM_AT + 2:
        return payload
    # The pseudo-headers of both versions hold the same words, but for zeros: they sum up alike.
    pseudo = addresses + struct.pack("!II", len(payload), protocol)
    return _at_checksum(payload, checksum(pseudo + payload))


def _at_checksum(segment: bytes, value: int) -> bytes:
    return segment[:CHECKSUM_AT] + struct.pack("!H", value) + segment[CHECKSUM_AT + 2 :]


def with_wrong_checksum(packet: bytes) -> bytes:
    """Return the same IP packet of TCP as if a bit of its checksum had been changed on the way."""
    header, segment = (packet[:20], packet[20:]) if packet[0] >> 4 == 4 else (packet[:40], packet[40:])
    (value,) = struct.unpack_from("!H", segment, CHECKSUM_AT)
    return header + _at_checksum(segment, value ^ 0x0100)


def with_damaged_header(packet: bytes) -> bytes:
    """Return the same IPv4 packet as if a bit of its header's checksum had been changed on the way."""
    (value,) = struct.unpack_from("!H", packet, HEADER_CHECKSUM_AT)
    # Zero means that the network card fills the field in.
    changed = value ^ (0x0100 if value != 0x0100 else 0x0200)
    return packet[:HEADER_CHECKSUM_AT] + struct.pack("!H", changed) + packet[HEADER_CHECKSUM_AT + 2 :]


def fragment(packet: bytes, start: int, end: int, *, flip: int = 0) -> bytes:
    """Return a part of an IP packet of TCP as a fragment; ``flip`` changes control bits."""
    is_ipv4 = packet[0] >> 4 == 4
    header, whole = (packet[:20], packet[20:]) if is_ipv4 else (packet[:40], packet[40:])
    part = bytearray(whole[start:end])
    if start <= FLAGS_AT < end:
        part[FLAGS_AT - start] ^= flip
    has_more = end < len(whole)
    if not is_ipv4:
        extension = struct.pack("!BBHI", TCP, 0, start | has_more, 99)
        return (
            header[:4]
            + struct.pack("!HB", len(extension) + len(part), FRAGMENT)
            + header[7:]
            + extension
            + part
        )
    fields = struct.pack(
        "!HHH", 20 + len(part), int.from_bytes(header[4:6], "big"), start // 8 | has_more << 13
    )
    bare = header[:2] + fields + header[8:10] + b"\0\0" + header[12:]
    return bare[:10] + struct.pack("!H", checksum(bare)) + bare[12:] + part


def disputed(frame: bytes, flip: int = 0x04) -> list[bytes]:
    """Return a segment's frames in fragments, the first of them twice: the second copy has other control bits."""
    packet = frame[14:]
    is_ipv4 = packet[0] >> 4 == 4
    packet = packet[
        : int.from_bytes(packet[2:4], "big") if is_ipv4 else 40 + int.from_bytes(packet[4:6], "big")
    ]
    length = len(packet) - (20 if is_ipv4 else 40)
    parts = fragment(packet, 0, 16), fragment(packet, 0, 16, flip=flip), fragment(packet, 16, length)
    return [ethernet(part) for part in parts]


def ethernet(packet: bytes) -> bytes:
    """Return an Ethernet frame, padded to the least length there is."""
    ethertype = 0x0800 if packet[0] >> 4 == 4 else 0x86DD
    return (b"\x02\0\0\0\0\x02" + b"\x02\0\0\0\0\x01" + struct.pack("!H", ethertype) + packet).ljust(
        60, b"\0"
    )


def source_of(frame: bytes) -> str:
    """Return the sender of a frame, by its IPv4 address."""
    return str(ipaddress.IPv4Address(frame[26:30]))


ERRORS: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "host-unreachable": ((3, 1), (1, 3)),
    "net-unreachable": ((3, 0), (1, 0)),
    "port-unreachable": ((3, 3), (1, 4)),
    "prohibited": ((3, 13), (1, 1)),
    "too-big": ((3, 4), (2, 0)),
    "time-exceeded": ((11, 0), (3, 0)),
}
"""ICMP and ICMPv6 errors: type and code of each."""


def icmp_error(kind: str, reporter: str, quoted: bytes) -> bytes:
    """Return an error about the IP packet ``quoted``, sent to its source by ``reporter``."""
    is_ipv4 = quoted[0] >> 4 == 4
    type_, code = ERRORS[kind][0 if is_ipv4 else 1]
    body = struct.pack("!BBHI", type_, code, 0, 1400 if kind == "too-big" else 0)
    if is_ipv4:
        source = str(ipaddress.IPv4Address(quoted[12:16]))
        return ipv4(reporter, source, body + quoted[:28], protocol=ICMP)
    source = str(ipaddress.IPv6Address(quoted[8:24]))
    reporter = reporter if ":" in reporter else f"2001:db8::{reporter}"
    return ipv6(reporter, source, body + quoted[:60], protocol=ICMPV6)
