"""Small captures as bytes, each with a story; renderings are tested on wirestat's reports of them.

A story is told as its segments, one a line: milliseconds, sender, flags, sequence number, payload, acknowledgement.
"""

import gzip
import struct
from pathlib import Path

from tests.packets import ip
from tests.packets.files import Frame, block, pcap, section
from tests.wirescript.script import Script, Sent
from tests.wirescript.wire import Variant, Wire

START = 1_767_323_045_000_000_000  # 2026-01-02 03:04:05 UTC
MILLISECOND = 1_000_000
LENGTH_MS = 75_000
"""The duration of a capture: 2MSL and the threshold of CLOSE_WAIT run out within it."""

OPENING = """
    0    A  S   99   0     -
    10   B  S.  299  0     100
    10   A  .   100  0     300
"""
EXCHANGE = """
    11   A  P.  100  517   300
    21   B  P.  300  1400  617
    22   A  .   617  0     1700
"""
OPEN = OPENING + EXCHANGE
CLOSE_WAIT_HELD = (
    OPEN
    + """
    500  A  F.  617  0     1700
    501  B  .   1700 0     618
"""
)
CLEAN = (
    CLOSE_WAIT_HELD
    + """
    502  B  F.  1700 0     618
    503  A  .   618  0     1701
"""
)
LAST_ACK_LOST = (
    CLEAN
    + """
    703  B  F.  1700 0     618
    704  A  .   618  0     1701
    1103 B  F.  1700 0     618
"""
)
THIRD_ACK_IGNORED = (
    OPENING
    + """
    1010 B  S.  299  0     100
    1011 A  .   100  0     300
    3010 B  S.  299  0     100
    3011 A  .   100  0     300
"""
)
STILL_IGNORED = THIRD_ACK_IGNORED + "".join(
    f"{at} B S. 299 0 100\n{at + 1} A . 100 0 300\n" for at in (7010, 15_010, 31_010, 63_010)
)
REFUSED = """
    0    A  S   99   0     -
    1    B  R.  0    0     100
"""
HALF_HEARD = """
    0    A  P.  100  500   300
    20   A  .   600  0     30300
    40   A  .   600  0     60300
    60   A  P.  600  500   90300
"""


def frames(number: int, story: str, port: int = 443, start_ms: int = 0) -> list[Frame]:
    """Make the frames of one connection, from ``start_ms`` after the start on."""
    wire = Wire(Script("", Path(), 0, ports={"A": 40_000 + number, "B": port}), Variant(""))
    made = []
    for line in filter(None, map(str.strip, story.splitlines())):
        at, sender, flags, seq, payload, ack = line.split()
        options = ("mss 1460", "wscale 7") if "S" in flags else ()
        sent = Sent(
            sender, flags, int(seq), int(payload), ack=None if ack == "-" else int(ack), options=options
        )
        frame = wire.segment(sent)
        made.append((START + (start_ms + int(at)) * MILLISECOND, len(frame), frame))
    return made


def others(*times_ms: int) -> list[Frame]:
    """Make frames of ARP, which let time pass."""
    arp = (b"\xff" * 6 + b"\x02\0\0\0\0\x01" + b"\x08\x06").ljust(60, b"\0")
    return [(START + at * MILLISECOND, len(arp), arp) for at in times_ms]


def lookup() -> list[Frame]:
    """Make a question to a name server and its answer, over UDP."""
    made = []
    for at, source, target, ports, length in (
        (0, "10.0.0.1", "10.0.0.53", (51_515, 53), 40),
        (12, "10.0.0.53", "10.0.0.1", (53, 51_515), 120),
    ):
        datagram = struct.pack(">HHHH", *ports, 8 + length, 0) + bytes(length)
        frame = ip.ethernet(ip.ipv4(source, target, datagram, id=1, ttl=64, protocol=17))
        made.append((START + at * MILLISECOND, len(frame), frame))
    return made


def capture(*parts: list[Frame]) -> bytes:
    """Put the frames of all connections into one capture, in the order of their times."""
    return pcap(sorted((frame for part in parts for frame in part), key=lambda frame: frame[0]))


def outage() -> bytes:
    """Make a small capture in which several things are wrong."""
    stories = (CLEAN, CLEAN, CLOSE_WAIT_HELD, CLOSE_WAIT_HELD, STILL_IGNORED, LAST_ACK_LOST)
    told = [frames(n, story, start_ms=100 * n) for n, story in enumerate(stories, 1)]
    told += [frames(7, REFUSED, port=8443, start_ms=700), frames(8, OPENING, start_ms=800)]
    return capture(*told, lookup(), others(LENGTH_MS))


def unfit() -> bytes:
    """Make a capture that is itself the problem: one direction, cut frames, drops, an end in mid-packet."""
    wan = block(
        1, struct.pack("<HHI", 1, 0, 60) + struct.pack("<HH", 2, 4) + b"wan0" + struct.pack("<HH", 0, 0)
    )
    parts = [section(), wan]
    for time_ns, length, frame in [*frames(1, HALF_HEARD), *frames(2, HALF_HEARD, start_ms=100)]:
        high, low = divmod(time_ns // 1000, 1 << 32)
        data = frame[:60]
        parts.append(block(6, struct.pack("<IIIII", 0, high, low, len(data), length) + data))
    high, low = divmod((START + LENGTH_MS * MILLISECOND) // 1000, 1 << 32)
    counts = struct.pack("<HHQHHQHH", 4, 8, 1000, 5, 8, 920, 0, 0)
    parts.append(block(5, struct.pack("<III", 0, high, low) + counts))
    whole = b"".join(parts)
    return gzip.compress(whole + parts[-2][:-20], mtime=0)


STORIES: dict[str, tuple[str, bytes]] = {
    "clean": ("clean.pcap", capture(frames(1, CLEAN), frames(2, CLEAN, start_ms=100), others(LENGTH_MS))),
    "lost-last-ack": ("lost-last-ack.pcap", capture(frames(1, LAST_ACK_LOST))),
    "outage": ("web.pcap", outage()),
    "unfit": ("span.pcapng.gz", unfit()),
    "crowd": (
        "flood.pcap",
        capture(*(frames(n, THIRD_ACK_IGNORED, start_ms=n) for n in range(1, 501))),
    ),
    "empty": ("arp.pcap", capture(others(0, 10, 20))),
}
"""Every story by its name: the name of its capture, and its bytes."""
