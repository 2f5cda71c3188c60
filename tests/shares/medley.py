"""Captures of all sorts of traffic at one time.

Connections of both families, in tunnels, VLANs and fragments, with what goes wrong with them; UDP, ICMP errors and
noise.
"""

import struct
from collections.abc import Iterator
from random import Random

from tests.packets.files import Frame
from tests.packets.ip import ERRORS, ethernet, icmp_error, ipv4, ipv6
from tests.packets.tcp import Tcp, timestamps

_BEGIN_NS = 1_750_000_000_000_000_000
_GRE, _UDP = 47, 17
_ETHERTYPE = 12
_HEADER_LENGTH = 14 + 20 + 12
_MORE_FRAGMENTS = 0x2000
_FLAGS = (".", ".", ".", "P.", "P.", "F.", "R", "R.", "S", "S.")


class _Talk:
    """A connection, or several on one 4-tuple, that mostly follows the rules of TCP."""

    def __init__(self, number: int, random: Random) -> None:
        self.random = random
        self.number = number
        self.is_ipv6 = random.random() < 0.2
        self.in_tunnel = random.random() < 0.15
        self.begin()

    def begin(self) -> None:
        self.steps = ["S", "S.", "."]
        self.next = [self.random.getrandbits(32), self.random.getrandbits(32)]

    def packet(self) -> bytes:
        random = self.random
        opens = bool(self.steps)
        flags = self.steps.pop(0) if opens else random.choice(_FLAGS)
        side = (flags == "S.") if opens else random.random() < 0.5
        if not opens and random.random() < 0.05:
            self.begin()
        payload = random.randrange(1, 300) if flags == "P." else 0
        ports = (40_000 + self.number, 80 + self.number % 3)
        here, there = (1, 0) if side else (0, 1)
        # Hosts behind one address have time stamp clocks of their own.
        options = timestamps(random.randrange(1, 1000), 0) if "S" in flags and self.number % 2 else b""
        numbers = self.next[here], self.next[there]
        segment = Tcp(ports[here], ports[there], flags, *numbers, options=options, payload=payload).pack()
        self.next[here] += payload + ("S" in flags) + ("F" in flags)
        if self.is_ipv6:
            hosts6 = (f"2001:db8::{self.number % 7 + 1:x}", "2001:db8:1::1")
            return ipv6(hosts6[here], hosts6[there], segment)
        hosts = (f"10.0.{self.number % 5}.{self.number % 200 + 1}", f"192.0.2.{self.number % 4 + 1}")
        packet = ipv4(hosts[here], hosts[there], segment, id=random.getrandbits(16))
        return _in_gre(packet) if self.in_tunnel else packet


def medley(seed: int, frames: int = 400) -> list[Frame]:
    """Return a capture: the same seed gives the same."""
    random = Random(seed)
    talks = [_Talk(number, random) for number in range(random.choice((3, 20, 60)))]
    made: list[Frame] = []
    time_ns = _BEGIN_NS
    while len(made) < frames:
        # Sometimes so long that timers run out and finished connections are dropped.
        time_ns += random.choice((1_000, 200_000, 5_000_000, 300_000_000, 2_000_000_000))
        time_ns += 90_000_000_000 * (random.random() < 0.01)
        backward_ns = 1_000_000 * (random.random() < 0.03)
        made.extend((time_ns - backward_ns, len(data), data) for data in _said(random, talks))
    return made


def _said(random: Random, talks: list[_Talk]) -> Iterator[bytes]:
    """Yield a few frames."""
    packet = random.choice(talks).packet()
    chance = random.random()
    if chance < 0.03:
        yield random.randbytes(random.randrange(90))
    elif chance < 0.06:
        reporter = "203.0.113.1" if packet[0] >> 4 == 4 else "2001:db8:2::1"
        yield ethernet(icmp_error(random.choice(list(ERRORS)), reporter, packet))
    elif chance < 0.1:
        datagram = struct.pack("!HHHH", 5000 + random.randrange(9), 53, 8 + 5, 0) + bytes(5)
        yield ethernet(ipv4("10.0.0.9", "192.0.2.53", datagram, protocol=_UDP))
    elif chance < 0.16 and packet[0] >> 4 == 4:
        parts = [ethernet(part) for part in _fragments(packet)]
        yield from random.sample(parts, random.randrange(1, len(parts) + 1))
    elif chance < 0.22:
        frame = ethernet(packet)
        yield frame[:_ETHERTYPE] + struct.pack("!HH", 0x8100, 5) + frame[_ETHERTYPE:]
    elif chance < 0.28:
        frame = ethernet(packet)
        yield frame
        yield frame
    elif chance < 0.32:
        yield ethernet(packet)[: random.randrange(60)]
    elif chance < 0.34:
        # A TCP header with an impossible length, if TCP is the second header.
        frame = ethernet(packet)
        yield frame[:_HEADER_LENGTH] + b"\x40" + frame[_HEADER_LENGTH + 1 :]
    elif chance > 0.93:
        return  # lost
    else:
        yield ethernet(packet)


def _in_gre(packet: bytes) -> bytes:
    return ipv4("198.51.100.1", "198.51.100.2", struct.pack("!HH", 0, 0x0800) + packet, protocol=_GRE)


def _fragments(packet: bytes) -> list[bytes]:
    """Return an IPv4 packet in two fragments, its checksum left as it is: it is not checked."""
    header, body = packet[:20], packet[20:]
    first, rest = body[:24], body[24:]
    if not rest:
        return [packet]

    def part(data: bytes, offset: int) -> bytes:
        fields = struct.pack("!H", 20 + len(data)) + header[4:6] + struct.pack("!H", offset)
        return header[:2] + fields + header[8:] + data

    return [part(first, _MORE_FRAGMENTS), part(rest, len(first) // 8)]
