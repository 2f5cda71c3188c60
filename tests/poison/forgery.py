"""Forged segments: each field takes one of a few values that matter to a receiver."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from random import Random

from tests.lab.frames import Flag
from tests.packets import ip, tcp

from .conversation import Conversation
from .numbers import ETHERNET_LENGTH, MODULUS, furthest, time_stamps, window_scale
from .receiver import Segment

FLAGS = ("", ".", "P.", "P", "F", "F.", "FP.", "R", "R.", "S", "S.", "SF", "SR", "FPU", "FR.", "U.")
PAYLOAD = 7
NUMBERS = {
    "current": 0, "one behind": -1, "far behind": -5000, "a little ahead": 100, "far ahead": 30_000,
    "out of the window": 1 << 28, "on the other side": 1 << 31,
}  # fmt: skip
"""The distance of the sequence number from the next one of its alleged sender; two more depend on the window."""
EDGES = ("last in the window", "first behind the window")
ACKS = {
    "current": 0, "one behind": -1, "far behind": -10_000, "too old": -(1 << 29), "one beyond": 1,
    "beyond": 5000, "far beyond": 70_000, "on the other side": 1 << 31,
}  # fmt: skip
"""The distance of the acknowledgement from the highest number seen from the receiver."""
STAMPS = ("equal", "old", "alien", "none")
IDS = ("next", "alien", "zero")


@dataclass(frozen=True)
class Recipe:
    """One choice for every field, in words."""

    flags: str
    seq: str
    ack: str
    stamp: str
    ttl: str
    id: str
    checksum: str

    @classmethod
    def choose(cls, random: Random) -> Recipe:
        return cls(
            random.choice(FLAGS),
            random.choice((*NUMBERS, *EDGES)),
            random.choice(tuple(ACKS)),
            random.choice(STAMPS),
            random.choice(("equal", "alien")),
            random.choice(IDS),
            "wrong" if random.random() < 0.1 else "right",
        )

    def __str__(self) -> str:
        flags = self.flags or "none"
        words = [f"flags {flags}", f"seq {self.seq}"]
        if "." in self.flags:
            words.append(f"ack {self.ack}")
        words += [f"TS {self.stamp}", f"ttl {self.ttl}", f"id {self.id}"]
        return ", ".join(words + ["checksum wrong"] * (self.checksum == "wrong"))


@dataclass(frozen=True)
class Forged:
    """A segment made by a recipe, and its position."""

    recipe: Recipe
    position: int
    """The captured frame before which it is inserted."""
    time_ns: int
    toward: str
    segment: Segment
    frame: bytes
    ttl: int
    id: int
    window: int


@dataclass(frozen=True)
class Known:
    """The knowledge about one end just before a position, of a forger who watches the tap."""

    next_seq: int
    last: bytes
    """The last frame of the end."""
    right_edge: int
    window: int


def forge(conversation: Conversation, recipe: Recipe, position: int, toward: str) -> Forged | None:
    """Make the segment; ``None`` if the alleged sender or the receiver has not been seen before."""
    source = "client" if toward == "server" else "server"
    sender, receiver = _known(conversation, source, position), _known(conversation, toward, position)
    if sender is None:
        return None
    their_next = receiver.next_seq if receiver else 0
    edge = receiver.right_edge if receiver else (sender.next_seq + 65535) % MODULUS
    seqs = {word: sender.next_seq + distance for word, distance in NUMBERS.items()}
    seq = (seqs | dict(zip(EDGES, (edge - 1, edge), strict=True)))[recipe.seq]
    ack = (their_next + ACKS[recipe.ack]) % MODULUS if "." in recipe.flags else 0
    stamps = _stamps(recipe, sender, receiver)
    header = tcp.Tcp(
        *_ports(conversation, source),
        flags=recipe.flags,
        seq=seq % MODULUS,
        ack=ack,
        window=sender.window,
        options=tcp.timestamps(*stamps) if stamps else b"",
        payload=PAYLOAD if "P" in recipe.flags or "U" in recipe.flags else 0,
    )
    frame, ttl, id = _wrap(conversation, source, recipe, sender.last, header.pack())
    flags = Flag(sum(tcp.FLAGS[letter] for letter in recipe.flags))
    segment = Segment(flags, seq % MODULUS, ack, header.payload, stamps, recipe.checksum == "right")
    time_ns = _moment(conversation, position)
    return Forged(recipe, position, time_ns, toward, segment, frame, ttl, id, sender.window)


def _moment(conversation: Conversation, position: int) -> int:
    """The time of an insertion: in the middle between two frames, and at most 0.5 ms after the first."""
    times = conversation.times
    if position == len(times):
        return times[-1] + 500_000
    return times[position - 1] + min((times[position] - times[position - 1]) // 2, 500_000)


def _known(conversation: Conversation, side: str, position: int) -> Known | None:
    mine = [j.frames[conversation.tap] for j in conversation.captured[:position] if j.toward != side]
    mine = [frame for frame in mine if not frame.flags & Flag.RST] or mine
    if not mine:
        return None
    next_seq = mine[0].next_seq
    for frame in mine:
        next_seq = furthest(next_seq, frame.next_seq)
    last = mine[-1]
    room = last.window << _scale(conversation, side)
    return Known(next_seq, last.raw, (last.ack + room) % MODULUS, last.window)


def _scale(conversation: Conversation, side: str) -> int:
    """The window scale of an end: that of its SYN, if both SYNs were captured with one (RFC 7323, 2.2)."""
    syns = {
        j.toward: j.frames[conversation.tap].raw for j in conversation.captured if j.frame.flags & Flag.SYN
    }
    scales = {toward: window_scale(raw) for toward, raw in syns.items()}
    return next((scale for toward, scale in scales.items() if toward != side), 0) if len(scales) == 2 else 0


def _ports(conversation: Conversation, source: str) -> tuple[int, int]:
    other = "client" if source == "server" else "server"
    return conversation.address(source)[1], conversation.address(other)[1]


def _stamps(recipe: Recipe, sender: Known, receiver: Known | None) -> tuple[int, int] | None:
    theirs = time_stamps(sender.last)
    if theirs is None or recipe.stamp == "none":
        return None
    value = {"equal": theirs[0], "old": theirs[0] - 100_000, "alien": theirs[0] + (1 << 30) + 12_345}
    return value[recipe.stamp] % MODULUS, theirs[1]


def _wrap(
    conversation: Conversation, source: str, recipe: Recipe, like: bytes, segment: bytes
) -> tuple[bytes, int, int]:
    """The segment in a frame, its TTL, and its IPv4 identification."""
    other = "client" if source == "server" else "server"
    addresses = conversation.address(source)[0], conversation.address(other)[0]
    ethernet = like[:ETHERNET_LENGTH]
    if like[ETHERNET_LENGTH] >> 4 == 6:
        ttl = like[21] if recipe.ttl == "equal" else like[21] // 2 + 3
        (label,) = struct.unpack_from("!I", like, ETHERNET_LENGTH)
        packet = ip.ipv6(*addresses, segment, hops=ttl, label=label & 0xFFFFF)
        id = 0
    else:
        ttl = like[22] if recipe.ttl == "equal" else like[22] // 2 + 3
        (last,) = struct.unpack_from("!H", like, 18)
        id = {"next": (last + 1) % 65536, "alien": (last + 31_000) % 65536, "zero": 0}[recipe.id]
        packet = ip.ipv4(*addresses, segment, id=id, ttl=ttl)
    if recipe.checksum == "wrong":
        packet = ip.with_wrong_checksum(packet)
    return (ethernet + packet).ljust(60, b"\0"), ttl, id
