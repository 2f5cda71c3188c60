"""The records of the kernel's sockets: like those of ``wirestat.model``, plain data."""

from __future__ import annotations

import socket
import struct
from enum import IntEnum

import msgspec

from wirestat.model import State

_PORTS = struct.Struct("!HH")
_MAPPED = b"\0" * 10 + b"\xff\xff"
"""The prefix of an IPv4-mapped IPv6 address (``::ffff:0:0/96``)."""
ADDRESS = 16
"""Bytes of an address; an IPv4 address has four, followed by zeros."""
KEY = _PORTS.size + 2 * ADDRESS
"""Bytes of a connection's key: both ports, both addresses, those of this host first."""


class Timer(IntEnum):
    """The running timer of a socket, by the kernel's numbers (``inet_diag``)."""

    NOTHING = 0
    RETRANSMISSION = 1
    KEEPALIVE = 2
    TIME_WAIT = 3
    PROBE = 4
    """The zero-window (persist) timer."""


class Process(msgspec.Struct, frozen=True, array_like=True):
    """The process that owns a socket."""

    pid: int
    program: str
    user: str
    unit: str
    """Its unit or container, by its control group; empty for none."""

    def __str__(self) -> str:
        """Write it as netstat does: ``1234/nginx``."""
        return f"{self.pid}/{self.program}"


class Socket(msgspec.Struct, frozen=True, array_like=True):
    """One TCP socket, as ``sock_diag(7)`` reports it."""

    id: bytes
    """The key of its connection, then a part that distinguishes it from earlier sockets of the same 4-tuple."""
    state: State
    timer: int
    """Its running timer: a number of :class:`Timer`; a newer kernel may have others."""
    retransmits: int
    """How often the pending segment has been retransmitted."""
    recv_q: int
    """Recv-Q: bytes that the application has yet to read; for a listener, connections waiting to be accepted."""
    send_q: int
    """Send-Q: bytes that the other end has not acknowledged; for a listener, the limit of its accept queue."""
    inode: int
    """0 if no process owns it any more."""
    since_ns: int
    """When it was first seen in this state, in Unix ns: at most one poll late."""
    due_ns: int = 0
    """When its timer expires, in Unix ns, as of its last other change; 0 without a timer."""

    @property
    def key(self) -> bytes:
        """The key of its connection: addresses and ports."""
        return self.id[:KEY]

    @property
    def local(self) -> tuple[str, int]:
        """Address and port of this end."""
        return _address(self.id[4 : 4 + ADDRESS]), int.from_bytes(self.id[:2], "big")

    @property
    def remote(self) -> tuple[str, int]:
        """Address and port of the other end."""
        return _address(self.id[4 + ADDRESS : KEY]), int.from_bytes(self.id[2:4], "big")

    @property
    def is_full(self) -> bool:
        """Whether it is a listener with a full accept queue: the kernel accepts one more than the limit."""
        return self.state is State.LISTEN and self.recv_q > self.send_q


def key(local: tuple[str, int], remote: tuple[str, int]) -> bytes:
    """Return the key of a connection, from the sockets of this host and of the other.

    >>> key(("10.0.0.1", 80), ("10.0.0.2", 40000))[:8].hex()
    '00509c400a000001'
    """
    return _PORTS.pack(local[1], remote[1]) + packed(local[0]) + packed(remote[0])


def packed(address: str) -> bytes:
    """Pack an address into sixteen bytes."""
    if ":" in address:
        return plain(socket.inet_pton(socket.AF_INET6, address.partition("%")[0]))
    return socket.inet_aton(address).ljust(ADDRESS, b"\0")


def plain(address: bytes) -> bytes:
    """Return an IPv4-mapped IPv6 address as IPv4, and others unchanged."""
    return address[12:].ljust(ADDRESS, b"\0") if address.startswith(_MAPPED) else address


def _address(sixteen: bytes) -> str:
    if sixteen[4:] == bytes(12):
        return socket.inet_ntoa(sixteen[:4])
    return socket.inet_ntop(socket.AF_INET6, sixteen)
