"""Packet sockets of Linux (``packet(7)``): one per interface, or one for all interfaces."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
from pathlib import Path

from wirestat.capture import filters, headers, privileges
from wirestat.capture.interfaces import ANY, unknown
from wirestat.capture.ring import SOL_PACKET, Ring

_ETH_P_ALL = 3
_SO_ATTACH_FILTER = 26
_PACKET_ADD_MEMBERSHIP = 1
_PACKET_STATISTICS = 6
_PACKET_MR_PROMISC = 1
_ETHERNET = 1
_RETURN_CONSTANT = 0x06
_NO_INTERFACE = (errno.ENODEV, errno.ENXIO)
_LINK_TYPES = {1: 1, 772: 1, 801: 105, 802: 119, 803: 127}
"""Link types by hardware type (``linux/if_arp.h``); for all others the core gets IP packets."""


class PacketSocket:
    """Captures on one interface, in both directions, into a ring."""

    def __init__(
        self,
        name: str,
        expression: str,
        *,
        promiscuous: bool,
        snaplen: int,
        ring_bytes: int,
        headers_only: bool = False,
    ) -> None:
        """Open the socket: nothing is captured before the filter is in place.

        With ``headers_only`` the kernel cuts the payload of plain segments, if it can.

        Raises:
            PermissionDenied: this needs CAP_NET_RAW.
            UsageError: there is no such interface, or the expression is invalid.
        """
        self.name = name
        self.received = 0
        self.dropped = 0
        self.index = _index(name)
        self.link_type = _link_type(name)
        self.filtered_by_core = bool(expression) and (
            self.link_type != _ETHERNET or name == ANY or filters.sees_tags(expression)
        )
        kernel_expression = "" if self.filtered_by_core else expression
        program = filters.compiled(kernel_expression, snaplen=snaplen)
        self.headers_only = headers_only and self.link_type == _ETHERNET and not self.filtered_by_core
        if self.headers_only:
            program = headers.cut_to_headers(program)
        try:
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        except PermissionError:
            raise privileges.denied(name) from None
        try:
            self.ring = Ring(self.socket, ring_bytes)
            _attach(self.socket, program)
            if promiscuous and name != ANY:
                request = struct.pack("=iHH8s", self.index, _PACKET_MR_PROMISC, 0, b"")
                self.socket.setsockopt(SOL_PACKET, _PACKET_ADD_MEMBERSHIP, request)
            self._bind()
        except OSError as error:
            self.socket.close()
            if error.errno in _NO_INTERFACE:  # it was there a moment ago
                raise unknown(name) from None
            raise

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self.socket.fileno()

    def _bind(self) -> None:
        """Begin to capture. Python cannot bind to all interfaces at once, so this is ``bind(2)`` itself."""
        address = struct.pack(
            "=HHiHBB8s", socket.AF_PACKET, socket.htons(_ETH_P_ALL), self.index, 0, 0, 0, b""
        )
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.bind(self.socket.fileno(), address, len(address)) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    def count(self) -> None:
        """Return the kernel's counts of received and dropped packets since the last call."""
        counts = self.socket.getsockopt(SOL_PACKET, _PACKET_STATISTICS, 12)
        received, dropped = struct.unpack_from("=II", counts)
        self.received += received
        self.dropped += dropped

    def mute(self) -> None:
        """Stop receiving, so that the counts match the packets in the ring."""
        _attach(self.socket, [(_RETURN_CONSTANT, 0, 0, 0)])

    def error(self) -> int:
        """Return and clear the socket's pending error, as an ``errno``; 0 for none."""
        return self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def is_gone(self) -> bool:
        """Tell whether the interface no longer exists, or was replaced by another of the same name."""
        if self.name == ANY:
            return False
        try:
            return socket.if_nametoindex(self.name) != self.index
        except OSError:
            return True

    def close(self) -> None:
        """Stop capturing."""
        self.ring.close()
        self.socket.close()


def _attach(packets: socket.socket, program: filters.Program) -> None:
    """Give the kernel a filter (``struct sock_fprog``, ``struct sock_filter``)."""
    instructions = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    packets.setsockopt(
        socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program), ctypes.addressof(buffer))
    )


def _index(name: str) -> int:
    if name == ANY:
        return 0
    try:
        return socket.if_nametoindex(name)
    except OSError as error:
        if error.errno not in (None, errno.EINVAL, *_NO_INTERFACE):
            raise
        raise unknown(name) from None


def _link_type(name: str) -> int:
    """Return the link type of all frames on an interface, 0 if they may differ."""
    if name == ANY:
        return 0
    try:
        return _LINK_TYPES.get(int(Path(f"/sys/class/net/{name}/type").read_text()), 0)
    except (OSError, ValueError):
        return 0
