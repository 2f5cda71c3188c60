"""Healthy traffic that stands beside a fault, as it does in every real capture, and forms that captures take."""

import struct
from dataclasses import dataclass
from random import Random

from tests.field.talk import Talk, Wire
from tests.packets import ip

SNAPLEN_68 = 68
"""The bytes of each packet that tcpdump kept before it kept all of them."""
_FORWARDED_NS = 30_000


@dataclass(frozen=True)
class Crowd:
    """Connections that open, ask some things, are answered and close, each a little differently."""

    server: str
    network: str
    """The first three numbers of the clients' addresses."""
    count: int
    clients: int = 4
    at: float = 0.0
    every: float = 0.5
    """Seconds from one connection to the next, about."""
    trip: float = 0.004
    share: float = 0.0
    """The part of the round trip that lies between the client and the tap."""
    lost: float = 0.0
    """The part of the answers that never arrive at the first try."""
    seed: int = 1
    stamps: bool = True


def crowd(wire: Wire, many: Crowd) -> None:
    """Let the connections of a crowd come and go."""
    chance = Random(many.seed)
    for number in range(many.count):
        client = f"{many.network}.{20 + number % many.clients}:{38_000 + 13 * number}"
        start = many.at + many.every * (number + chance.random() / 2)
        talk = wire.talk(client, many.server, at=start, stamps=many.stamps)
        _converse(talk, many, chance)


def _converse(talk: Talk, many: Crowd, chance: Random) -> None:
    near, far = many.trip * many.share + 0.00004, many.trip * (1 - many.share) + 0.00004
    talk.play(f"0 > S\n{far:.6f} < S.\n{far + near:.6f} > .")
    now = far + near + 0.0002
    for _ in range(1 + chance.randrange(3)):
        now += chance.random() * 0.05
        talk.play(f"{now:.6f} > P. {30 + chance.randrange(90)}")
        now += far + chance.random() * 0.01
        answer = 40 + chance.randrange(160)
        if chance.random() < many.lost:
            talk.play(f"{now:.6f} < P. {answer} lost")
            now += 0.21 + many.trip
            talk.play(f"{now:.6f} < P. again")
        else:
            talk.play(f"{now:.6f} < P. {answer}")
        now += near
        talk.play(f"{now:.6f} > .")
    now += chance.random() * 0.02
    if chance.random() < 0.7:
        talk.play(f"{now:.6f} > F.\n{now + far:.6f} < F.\n{now + far + near:.6f} > .")
    else:
        talk.play(f"{now:.6f} < F.\n{now + near:.6f} > F.\n{now + near + far:.6f} < .")


def in_vlan(wire: Wire, number: int) -> None:
    """Put all frames into a VLAN (IEEE 802.1Q)."""
    tag = struct.pack("!HH", 0x8100, number)
    wire.frames[:] = [
        (time, length + len(tag), data[:12] + tag + data[12:]) for time, length, data in wire.frames
    ]


def in_vxlan(wire: Wire, number: int) -> None:
    """Put all frames into a VXLAN between two hosts, as overlay networks of containers do (RFC 7348)."""
    header = struct.pack("!II", 1 << 27, number << 8)
    frames = []
    for time, length, data in wire.frames:
        datagram = struct.pack("!HHHH", 26_898, 4789, 16 + length, 0) + header + data
        frame = ip.ethernet(ip.ipv4("198.51.100.1", "198.51.100.2", datagram, protocol=17))
        frames.append((time, len(frame), frame))
    wire.frames[:] = frames


def on_both_sides(wire: Wire, later_ns: int = _FORWARDED_NS) -> None:
    """Capture each frame a second time behind a router, which takes one from its TTL or hop limit."""
    behind = [(time + later_ns, length, _routed(data)) for time, length, data in wire.frames]
    wire.frames += behind


def _routed(frame: bytes) -> bytes:
    if frame[12:14] == b"\x86\xdd":
        return frame[:21] + bytes([max(frame[21] - 1, 1)]) + frame[22:]
    bare = frame[14:22] + bytes([max(frame[22] - 1, 1)]) + frame[23:24] + b"\0\0" + frame[26:34]
    return frame[:14] + bare[:10] + struct.pack("!H", ip.checksum(bare)) + bare[12:] + frame[34:]


def cut(wire: Wire, snaplen: int = SNAPLEN_68) -> None:
    """Keep only the first bytes of each frame."""
    wire.frames[:] = [(time, length, data[:snaplen]) for time, length, data in wire.frames]


def port_of(frame: bytes) -> int:
    """Return the source port of a frame without tags."""
    at = 54 if frame[12:14] == b"\x86\xdd" else 34
    return int.from_bytes(frame[at : at + 2], "big")
