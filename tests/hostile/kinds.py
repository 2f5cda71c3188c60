"""The kinds of hostile traffic, each as a flood of a given number of packets."""

import random
import struct
from collections.abc import Callable

from tests.hostile.flood import (
    ACK,
    DESTINATION,
    DPORT,
    FLAGS,
    SEQ,
    SOURCE,
    SPORT,
    Flood,
    numbers,
    segment,
)
from tests.packets import ip, tcp

CLIENTS = 1000
"""The 4-tuples that random traffic is spread over."""
Make = Callable[[int], bytes]
"""Makes the records of a number of packets."""


def sources(count: int, first: int = 0) -> bytes:
    """SYNs, each from another address."""
    flood = Flood(segment("S", options=tcp.mss(1460)), count, first=first)
    return flood.vary(SOURCE, range(0x0B000000 + first, 0x0B000000 + first + count)).records()


def one_tuple(count: int) -> bytes:
    """SYNs on one 4-tuple, each with another initial sequence number."""
    return Flood(segment("S"), count, step_ns=250_000).vary(SEQ, numbers(count)).records()


def one_packet(count: int) -> bytes:
    """One packet, again and again."""
    return Flood(segment("P.", 100), count).records()


def random_flags(count: int) -> bytes:
    """Any flags, sequence and acknowledgement numbers, on a thousand 4-tuples, from both sides."""
    flood = Flood(segment(), count).spell(FLAGS, random.Random(2).randbytes(count))
    return _spread(flood).vary(SEQ, numbers(count, 3)).vary(ACK, numbers(count, 4)).records()


def near_flags(count: int) -> bytes:
    """Any flags on a thousand 4-tuples, with numbers that are near each other."""
    flood = Flood(segment(".", 20), count).spell(FLAGS, random.Random(5).randbytes(count))
    near = [1000 + number for number in numbers(count, 6, 10)]
    return _spread(flood).vary(SEQ, near).vary(ACK, near).records()


def holes(count: int) -> bytes:
    """Segments of one connection, in random order."""
    return Flood(segment(".", 10), count).vary(SEQ, (n * 20 for n in numbers(count, 7, 24))).records()


def sacked(count: int) -> bytes:
    """Acknowledgements with blocks of nonsense."""
    flood = Flood(segment(".", options=tcp.sack(1, 2) + tcp.sack(5, 3)), count)
    return flood.vary(58, numbers(count, 8)).vary(62, numbers(count, 9)).records()


def backscatter(count: int) -> bytes:
    """Unsolicited SYN-ACKs of any socket."""
    flood = Flood(segment("S."), count).vary(SOURCE, numbers(count, 10))
    return flood.vary(SPORT, numbers(count, 11, 16), 2).records()


def listeners(count: int) -> bytes:
    """SYNs to sockets that are all different."""
    return Flood(segment("S"), count).vary(DESTINATION, numbers(count, 12)).records()


def fragments(count: int) -> bytes:
    """First fragments of packets whose rest never comes."""
    flood = Flood(_fragment(0, 24, more=True), count)
    return flood.vary(18, numbers(count, 13, 16), 2).vary(SOURCE, numbers(count, 14)).records()


def overlaps(count: int) -> bytes:
    """Packets of 127 fragments that overlap each other."""
    flood = Flood(_fragment(0, 24, more=True), count)
    flood.vary(18, (number // 127 & 0xFFFF for number in range(count)), 2)
    return flood.vary(20, (0x2000 | number % 127 * 2 for number in range(count)), 2).records()


def deep(count: int) -> bytes:
    """IP in IP, eight headers deep, around a SYN of a new client."""
    packet = segment("S")[14:]
    for _ in range(7):
        packet = ip.ipv4("10.1.0.1", "10.1.0.2", packet, protocol=4)
    frame = ip.ethernet(packet)
    return Flood(frame, count).vary(14 + 7 * 20 + 12, numbers(count, 15)).records()


def networks(count: int) -> bytes:
    """VXLAN, each packet in a network of its own."""
    inner = struct.pack("!II", 0x08000000, 0) + segment("S")
    datagram = struct.pack("!HHHH", 9999, 4789, 8 + len(inner), 0) + inner
    frame = ip.ethernet(ip.ipv4("10.1.0.1", "10.1.0.2", datagram, protocol=17))
    return Flood(frame, count).vary(46, (number << 8 for number in numbers(count, 16, 24))).records()


def datagrams(count: int) -> bytes:
    """UDP, each datagram a conversation."""
    frame = ip.ethernet(ip.ipv4("10.1.0.1", "10.1.0.2", struct.pack("!HHHH", 1, 2, 8, 0), protocol=17))
    return Flood(frame, count).vary(SOURCE, numbers(count, 17)).records()


def errors(count: int) -> bytes:
    """ICMP errors about segments that were never sent."""
    quoted = segment("S")[14:]
    frame = ip.ethernet(ip.icmp_error("port-unreachable", "192.0.2.1", quoted))
    return Flood(frame, count).vary(14 + 28 + 12, numbers(count, 18)).records()


def noise(count: int) -> bytes:
    """Frames of random octets, all of the same length."""
    flood = Flood(bytes(64), count)
    for at in range(0, 64, 4):
        flood.vary(at, numbers(count, 100 + at))
    return flood.records()


def half_noise(count: int) -> bytes:
    """IPv4 and TCP with random octets behind the addresses."""
    flood = Flood(segment(options=bytes(20)), count)
    for at in range(34, 70, 4):
        flood.vary(at, numbers(count, 200 + at))
    return flood.records()


HOSTILE: dict[str, Make] = {
    make.__name__: make
    for make in (
        *(sources, one_tuple, one_packet, random_flags, near_flags, holes, sacked, backscatter, listeners),
        *(fragments, overlaps, deep, networks, datagrams, errors, noise, half_noise),
    )
}


def _spread(flood: Flood) -> Flood:
    """Send the packets both ways on a thousand 4-tuples."""
    count, chance = flood.count, numbers(flood.count, 19, 11)
    ends = (0x0A000001, 0xC0000250)
    ports = [(4000 + (number >> 1) % CLIENTS, 80) for number in chance]
    sides = [number & 1 for number in chance]
    flood.vary(SOURCE, (ends[side] for side in sides)).vary(DESTINATION, (ends[1 - side] for side in sides))
    flood.vary(SPORT, (ports[place][sides[place]] for place in range(count)), 2)
    return flood.vary(DPORT, (ports[place][1 - sides[place]] for place in range(count)), 2)


def _fragment(offset: int, octets: int, *, more: bool) -> bytes:
    packet = bytearray(ip.ipv4("10.0.0.1", "192.0.2.80", bytes(octets)))
    struct.pack_into("!H", packet, 6, more << 13 | offset)
    return ip.ethernet(bytes(packet))
