"""A connection from its first SYN to its last ACK, as frames: something for captures to hold."""

from pathlib import Path

from tests.packets.files import Frame
from tests.wirescript.script import Script, Sent
from tests.wirescript.wire import BASE_NS, Variant, Wire


def dialogue(version: int = 4, start_ns: int = BASE_NS) -> list[Frame]:
    """Return the frames of one connection: a request, a response, a close."""
    script = Script("dialogue", Path(), 0, opened={"A": 100, "B": 300})
    wire = Wire(script, Variant("", version))
    segments = [
        Sent("A", "P.", 100, 40, ack=300),
        Sent("B", "P.", 300, 200, ack=140),
        Sent("B", "F.", 500, 0, ack=140),
        Sent("A", ".", 140, 0, ack=501),
        Sent("A", "F.", 140, 0, ack=501),
        Sent("B", ".", 501, 0, ack=141),
    ]
    made = [*wire.handshake(), *map(wire.segment, segments)]
    return [(start_ns + 10_000_000 * number, len(frame), frame) for number, frame in enumerate(made)]


def encapsulated() -> dict[str, tuple[int, list[Frame]]]:
    """Return the dialogue under several link types: a number of the tcpdump registry, and frames, by name."""

    def rewrap(prefix: bytes, skip: int = 14, version: int = 4) -> list[Frame]:
        return [
            (time, len(prefix) + length - skip, prefix + data[skip:])
            for time, length, data in dialogue(version)
        ]

    addresses = b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01"
    return {
        "ethernet": (1, dialogue()),
        "ethernet over IPv6": (1, dialogue(6)),
        "vlan": (1, rewrap(addresses + b"\x81\0\0\x05\x08\0")),
        "double vlan": (1, rewrap(addresses + b"\x88\xa8\0\x07\x81\0\0\x05\x08\0")),
        "raw": (101, rewrap(b"")),
        "null": (0, rewrap(b"\x02\0\0\0")),
        "cooked": (113, rewrap(b"\0\0\0\x01\0\x06\x02\0\0\0\0\x01\0\0\x08\0")),
        "cooked 2": (276, rewrap(b"\x08\0\0\0\0\0\0\x01\0\x01\0\x06\x02\0\0\0\0\x01\0\0")),
        "mpls": (1, rewrap(addresses + b"\x88\x47\0\x01\x01\x40")),
        "pppoe": (1, rewrap(addresses + b"\x88\x64\x11\0\0\x01\0\x40\0\x21")),
    }
