"""Blocks of the kernel's ring as bytes: what the core makes of them."""

import struct

import pytest

from wirestat.timers import LINUX
from wirestat.tracker import Tracker

from . import made


def block(frames: list[bytes], *, hardware: int = 1, direction: int = 0, tag: int | None = None) -> bytes:
    """Lay out a TPACKET_V3 block as the kernel does."""
    body = b""
    for number, frame in enumerate(frames):
        status = 1 | (0x10 if tag is not None else 0)
        packet = struct.pack("=IIIIIIHHIIHH8x", 0, made.START, number, len(frame), len(frame), status, 82, 96, 0,
                             tag or 0, 0, 0)  # fmt: skip
        packet += struct.pack("=HHiHBB8s", 17, 8, 3, hardware, direction, 6, b"") + bytes(14) + frame
        packet += bytes(-len(packet) % 16)
        body += struct.pack("=I", len(packet)) + packet[4:]
    head = struct.pack("=IIIIII", 1, 48, 1, len(frames), 48, 48 + len(body))
    return head + bytes(24) + body


def test_a_block_is_tracked_like_a_file() -> None:
    frames = made.ETHERNET["last-ack-lost"]()
    tracker, twin = Tracker(LINUX), Tracker(LINUX)
    tracker.core.feed_ring_block(memoryview(bytearray(block(frames))))
    twin.feed(1, [(made.START * 10**9 + number, len(frame), frame) for number, frame in enumerate(frames)])
    assert list(tracker.connections()) == list(twin.connections())


def test_vlan_tags_that_the_kernel_stripped_are_put_back() -> None:
    pytest.importorskip("scapy")
    from wirestat.capture.filters import by_link_type

    tracker = Tracker(LINUX)
    tracker.core.filter(by_link_type("vlan 42 and tcp"))
    tracker.core.feed_ring_block(block(made.ETHERNET["normal"](), tag=42))
    tracker.core.feed_ring_block(block(made.ETHERNET["normal"](), tag=43))
    assert tracker.summary().frames == 8


def test_a_loopback_packet_is_counted_once() -> None:
    tracker = Tracker(LINUX)
    tracker.core.feed_ring_block(block(made.ETHERNET["normal"](), hardware=772, direction=4))
    assert tracker.summary().frames == 0
    tracker.core.feed_ring_block(block(made.ETHERNET["normal"](), hardware=772))
    assert tracker.summary().frames == 8


def test_a_damaged_block_is_an_error_and_no_crash() -> None:
    whole = block(made.ETHERNET["normal"]())
    tracker = Tracker(LINUX)
    for length in range(0, len(whole) - 16, 7):
        with pytest.raises(ValueError, match="makes no sense"):
            tracker.core.feed_ring_block(whole[:length])


def test_a_block_is_read_only_up_to_the_packet_limit() -> None:
    tracker = Tracker(LINUX)
    tracker.core.limit(5)
    tracker.core.feed_ring_block(block(made.ETHERNET["normal"]()))
    assert tracker.core.is_full()
    assert tracker.summary().frames == 5
