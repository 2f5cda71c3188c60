"""A port of the wire: raw frames in and out of a veth pair, each with the kernel's own time for it."""

from __future__ import annotations

import ctypes
import socket
import struct
import time

SO_TIMESTAMPNS = 35
SO_ATTACH_FILTER = 26
ETH_P_ALL = 0x0003
PACKET_OUTGOING = 4
PATIENCE_WITH_ECHO = 5

_ONLY_OUTGOING = b"".join(
    struct.pack("=HBBI", *instruction)
    for instruction in (
        (0x30, 0, 0, 0xFFFFF004),  # load the packet's type
        (0x15, 0, 1, PACKET_OUTGOING),  # is it outgoing?
        (0x06, 0, 0, 0x40000),  # yes: keep it
        (0x06, 0, 0, 0),  # no: drop it
    )
)


class Port:
    """The wire's end of a cable; ``host`` names the machine at the other end, "gateway" for a router.

    A second socket hears what the first one sends. Its echo carries the kernel's time of sending, which this
    process could miss by milliseconds when it is interrupted just before.
    """

    def __init__(self, host: str, interface: str, step: int) -> None:
        """Open the port; the calling thread must be inside the wire's namespace.

        ``step`` is the direction in which frames from the machine go along the wire's path.
        """
        self.host, self.step = host, step
        self.socket = _open(interface)
        self._echo = _open(interface)
        program = ctypes.create_string_buffer(_ONLY_OUTGOING)
        descriptor = struct.pack("HL", len(_ONLY_OUTGOING) // 8, ctypes.addressof(program))
        self._echo.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, descriptor)

    def receive(self) -> tuple[int, bytes] | None:
        """The next frame from the machine with the kernel's time for it, None when there is none."""
        while (received := _receive(self.socket)) is not None:
            time_ns, raw, kind = received
            if kind != PACKET_OUTGOING:
                return time_ns, raw
        return None

    def send(self, raw: bytes) -> int:
        """Hand the machine a frame; return when that was."""
        called_ns = time.time_ns()
        self.socket.send(raw)
        for _ in range(PATIENCE_WITH_ECHO):
            echo = _receive(self._echo)
            if echo is None:
                break
            if echo[1] == raw and echo[0] >= called_ns:
                return echo[0]
        return called_ns


def _open(interface: str) -> socket.socket:
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    opened.bind((interface, ETH_P_ALL))
    opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    opened.setblocking(False)
    return opened


def _receive(opened: socket.socket) -> tuple[int, bytes, int] | None:
    """Time in ns, bytes and packet type of the next frame, None when there is none."""
    try:
        raw, ancillary, _, address = opened.recvmsg(65536, 64)
    except BlockingIOError:
        return None
    seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
    return seconds * 10**9 + nanoseconds, raw, address[2]
