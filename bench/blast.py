"""Send the frames of a capture as fast as one core can, or at a given rate: through a transmit ring of the kernel.

    python bench/blast.py INTERFACE CAPTURE RATE SECONDS [afresh]

The ring holds a thousand frames; one system call sends them all. The capture is sent whole, however often: no
connection of it stays open for want of its last frames. With ``afresh`` it is sent between other addresses each time,
so that its connections are new ones and not the same again. Prints how many were sent, and in how many seconds.
"""

from __future__ import annotations

import mmap
import socket
import struct
import sys
import time
from pathlib import Path

SOL_PACKET, PACKET_VERSION, PACKET_TX_RING, PACKET_LOSS, PACKET_QDISC_BYPASS = 263, 10, 13, 14, 20
TPACKET_V2 = 1
SLOT = 1 << 10
DATA = 32
"""Where in a slot the frame begins: behind ``struct tpacket2_hdr``."""
BLOCK = 1 << 16
SEND_REQUEST = 1
ADDRESSES = DATA + 26, DATA + 30
"""Where in a slot the IPv4 addresses of an Ethernet frame begin."""
NETWORKS = 200
AT_ONCE = 1024
"""Frames sent by one system call: short enough to keep to a rate."""


def frames_of(capture: Path) -> list[bytes]:
    """Read the frames of a little-endian pcap file."""
    data = capture.read_bytes()
    frames, at = [], 24
    while at + 16 <= len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        frames.append(data[at + 16 : at + 16 + length])
        at += 16 + length
    return frames


def laid_out(frames: list[bytes]) -> bytearray:
    """Lay frames out as slots of the ring that are ready to be sent."""
    slots = bytearray(AT_ONCE * SLOT)
    for number, frame in enumerate(frames):
        struct.pack_into("=III", slots, number * SLOT, SEND_REQUEST, len(frame), len(frame))
        slots[number * SLOT + DATA : number * SLOT + DATA + len(frame)] = frame
    return slots


def move(slots: bytearray, lap: int) -> None:
    """Put both ends of all frames into networks of this lap's own."""
    for at in ADDRESSES:
        slots[at::SLOT] = bytes([1 + lap % NETWORKS]) * AT_ONCE
        slots[at + 2 :: SLOT] = bytes([lap // NETWORKS % 256]) * AT_ONCE


def main() -> None:
    """Send for some seconds."""
    afresh = sys.argv[5:] == ["afresh"]
    interface, capture, rate, seconds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    frames = frames_of(capture)
    whole = len(frames) // AT_ONCE
    images = [laid_out(frames[i * AT_ONCE : (i + 1) * AT_ONCE]) for i in range(min(whole, 64))]
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    out.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
    out.setsockopt(SOL_PACKET, PACKET_LOSS, 1)
    out.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
    request = struct.pack("=4I", BLOCK, AT_ONCE * SLOT // BLOCK, SLOT, AT_ONCE)
    out.setsockopt(SOL_PACKET, PACKET_TX_RING, request)
    out.bind((interface, 0))
    ring = mmap.mmap(out.fileno(), AT_ONCE * SLOT)
    sent, start, lap = 0, time.perf_counter(), len(images) * AT_ONCE
    while (elapsed := time.perf_counter() - start) < seconds or sent % lap:
        ahead = sent / rate - elapsed
        if ahead > 0:
            time.sleep(ahead)
            continue
        image = images[(sent // AT_ONCE) % len(images)]
        if afresh:
            move(image, sent // lap)
        ring[:] = image
        out.send(b"")
        sent += AT_ONCE
    print(f"sent {sent} in {time.perf_counter() - start:.3f}")


if __name__ == "__main__":
    main()
