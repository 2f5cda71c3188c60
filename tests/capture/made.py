"""Captures made by hand: small, and each with something that an engine could get wrong."""

import struct
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
START = 1_767_323_045
A, B = ("10.0.0.1", 40_000), ("10.0.0.2", 80)
A6, B6 = ("2001:db8::1", 40_000), ("2001:db8::2", 80)
End = tuple[str, int]

TIMESTAMPS = bytes.fromhex("0101080a0000000100000002")


def tcp(
    source: End,
    destination: End,
    seq: int,
    ack: int,
    flags: int,
    payload: bytes = b"",
    *,
    options: bytes = b"",
    id: int = 7,
    label: int = 0,
) -> bytes:
    options += bytes(-len(options) % 4)
    header = struct.pack(
        ">HHIIBBHHH", source[1], destination[1], seq, ack, (20 + len(options)) << 2, flags, 500, 0xBEEF, 0
    )
    return ip(source[0], destination[0], 6, header + options + payload, id, label)


def ip(source: str, destination: str, protocol: int, payload: bytes, id: int = 7, label: int = 0) -> bytes:
    from_, to = ip_address(source), ip_address(destination)
    if from_.version == 6:
        first = 6 << 28 | label
        return struct.pack(">IHBB", first, len(payload), protocol, 64) + from_.packed + to.packed + payload
    length = 20 + len(payload)
    return (
        struct.pack(">BBHHHBBH", 0x45, 0, length, id, 0x4000, 64, protocol, 0)
        + from_.packed
        + to.packed
        + payload
    )


def udp(source: End, destination: End, payload: bytes) -> bytes:
    return ip(
        source[0],
        destination[0],
        17,
        struct.pack(">HHHH", source[1], destination[1], 8 + len(payload), 0) + payload,
    )


def ethernet(packet: bytes, tags: tuple[int, ...] = ()) -> bytes:
    kind = {4: b"\x08\0", 6: b"\x86\xdd"}[packet[0] >> 4]
    stack = b"".join(b"\x81\0" + struct.pack(">H", tag) for tag in tags)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2" + stack + kind + packet


def vxlan(packet: bytes, vni: int = 42) -> bytes:
    return udp(
        ("192.0.2.1", 5555), ("192.0.2.2", 4789), struct.pack(">II", 0x08000000, vni << 8) + ethernet(packet)
    )


def conversation(a: End = A, b: End = B, isn: int = 1000) -> list[bytes]:
    x, y = isn, isn + 70_000
    return [
        tcp(a, b, x, 0, SYN, options=bytes.fromhex("020405b4040201030307")),
        tcp(b, a, y, x + 1, SYN | ACK, options=bytes.fromhex("020405b4040201030307")),
        tcp(a, b, x + 1, y + 1, ACK),
        tcp(a, b, x + 1, y + 1, PSH | ACK, b"GET", options=TIMESTAMPS),
        tcp(b, a, y + 1, x + 4, PSH | ACK, b"here it is", options=TIMESTAMPS),
        tcp(a, b, x + 4, y + 11, FIN | ACK),
        tcp(b, a, y + 11, x + 5, FIN | ACK),
        tcp(a, b, x + 5, y + 12, ACK),
    ]


def last_ack_lost() -> list[bytes]:
    return [*conversation(), tcp(B, A, 71_011, 1005, FIN | ACK, id=8)]


def refused() -> list[bytes]:
    return [tcp(A, B, 1000, 0, SYN), tcp(B, A, 0, 1001, RST | ACK)]


def unreachable() -> list[bytes]:
    syn = tcp(A, B, 1000, 0, SYN)
    return [syn, ip(B[0], A[0], 1, bytes([3, 3, 0, 0, 0, 0, 0, 0]) + syn[:28])]


def others() -> list[bytes]:
    return [
        *conversation(),
        udp(A, B, b"hello"),
        udp(B, A, b"hello back"),
        ip(A[0], B[0], 1, bytes([8, 0]) + bytes(6)),
    ]


def forged_reset() -> list[bytes]:
    """Over IPv6: the host labels all packets of its sockets, and a forged reset has no label."""
    x, y = 1000, 71_000
    return [
        tcp(A6, B6, x, 0, SYN, label=0xABCDE),
        tcp(B6, A6, y, x + 1, SYN | ACK, label=0x12345),
        tcp(A6, B6, x + 1, y + 1, ACK, label=0xABCDE),
        tcp(A6, B6, x + 1, y + 1, PSH | ACK, b"GET", label=0xABCDE),
        tcp(B6, A6, y + 1, x + 4, PSH | ACK, b"here it is", label=0x12345),
        tcp(A6, B6, x + 4, y + 11, ACK, label=0xABCDE),
        tcp(B6, A6, y + 11, x + 4, RST | ACK),
    ]


def ip_in_ip() -> list[bytes]:
    return [ip("192.0.2.1", "192.0.2.2", 4, packet) for packet in conversation()]


def sampled() -> list[bytes]:
    """A switch's report on a connection in sFlow 5: a datagram that contains a sampled packet."""
    seen = ethernet(tcp(("203.0.113.1", 1060), ("203.0.113.2", 1731), 5, 6, ACK, b"elsewhere"))
    record = struct.pack(">IIII", 1, len(seen), 4, len(seen)) + seen + bytes(-len(seen) % 4)
    sample = (
        struct.pack(">IIIIIIII", 1, 1, 256, 256, 0, 1, 2, 1) + struct.pack(">II", 1, len(record)) + record
    )
    head = struct.pack(">II4sIIII", 5, 1, bytes([192, 0, 2, 9]), 0, 1, 1, 1)
    return [*conversation(), udp(A, (B[0], 6343), head + struct.pack(">II", 1, len(sample)) + sample)]


Maker = Callable[[], list[bytes]]
ETHERNET: dict[str, Maker] = {
    "normal": lambda: [ethernet(packet) for packet in conversation()],
    "ipv6": lambda: [ethernet(packet) for packet in conversation(A6, B6)],
    "tagged": lambda: [ethernet(packet, (5, 6)) for packet in conversation()],
    "last-ack-lost": lambda: [ethernet(packet) for packet in last_ack_lost()],
    "refused": lambda: [ethernet(packet) for packet in refused()],
    "unreachable": lambda: [ethernet(packet) for packet in unreachable()],
    "others": lambda: [ethernet(packet) for packet in others()],
    "sampled": lambda: [ethernet(packet) for packet in sampled()],
    "vxlan": lambda: [ethernet(vxlan(packet)) for packet in conversation()],
    "vxlan-to-each-its-own": lambda: [ethernet(vxlan(packet, vni=packet[15])) for packet in conversation()],
    "forged-reset": lambda: [ethernet(packet) for packet in forged_reset()],
    "forged-reset-in-vxlan": lambda: [ethernet(vxlan(packet)) for packet in forged_reset()],
    "ip-in-ip": lambda: [ethernet(packet) for packet in ip_in_ip()],
    "mid-stream": lambda: [ethernet(packet) for packet in conversation()[3:]],
    "one-way": lambda: [ethernet(packet) for packet in conversation()[::2]],
}


def pcap(
    frames: list[bytes], link_type: int = 1, step_ns: int = 1_000_000, start_ns: int = START * 10**9
) -> bytes:
    whole = header(link_type)
    for number, frame in enumerate(frames):
        whole += record(start_ns + number * step_ns, frame)
    return whole


def header(link_type: int = 1) -> bytes:
    return struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, link_type)


def record(time_ns: int, frame: bytes) -> bytes:
    seconds, nanos = divmod(time_ns, 10**9)
    return struct.pack("<IIII", seconds, nanos, len(frame), len(frame)) + frame


def pcapng(
    frames: list[bytes], link_type: int = 1, step_ns: int = 1_000_000, start_ns: int = START * 10**9
) -> list[bytes]:
    blocks = [
        block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)),
        block(1, struct.pack("<HHI", link_type, 0, 0) + struct.pack("<HHB3x", 9, 1, 9) + bytes(4)),
    ]
    for number, frame in enumerate(frames):
        ticks = start_ns + number * step_ns
        head = struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
        blocks.append(block(6, head + frame + bytes(-len(frame) % 4)))
    return blocks


def block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


def write(path: Path, frames: list[bytes], link_type: int = 1) -> Path:
    path.write_bytes(pcap(frames, link_type))
    return path
