"""The nouns of the kernel's record of its own sockets; as those of ``wirestat.model``, they are nouns alone."""

from __future__ import annotations

import socket
import struct
from enum import IntEnum

import msgspec

from wirestat.model import State

_PORTS = struct.Struct("!HH")
_MAPPED = b"\0" * 10 + b"\xff\xff"
"""The first octets of an IPv4 address that a socket of IPv6 has."""
ADDRESS = 16
"""Bytes of an address; one of IPv4 has four, and zeros behind them."""
KEY = _PORTS.size + 2 * ADDRESS
"""Bytes that tell a connection from others: both ports, both addresses, those of this host first."""


class Timer(IntEnum):
    """The timer that a socket waits for, by the kernel's numbers (``inet_diag``)."""

    NOTHING = 0
    RETRANSMISSION = 1
    KEEPALIVE = 2
    TIME_WAIT = 3
    PROBE = 4
    """Of a window that is shut."""


class Process(msgspec.Struct, frozen=True, array_like=True):
    """Who holds a socket."""

    pid: int
    program: str
    user: str
    unit: str
    """The unit or container that it runs in, as its control group tells; empty for none."""

    def __str__(self) -> str:
        """Write it as netstat does: ``1234/nginx``."""
        return f"{self.pid}/{self.program}"


class Socket(msgspec.Struct, frozen=True, array_like=True):
    """One TCP socket, as ``sock_diag(7)`` tells of it."""

    id: bytes
    """The key of its connection, then what tells it from an earlier socket of the same one."""
    state: State
    timer: int
    """The timer that it waits for: a number of :class:`Timer`; a newer kernel may have others."""
    retransmits: int
    """How often what waits has been sent again."""
    recv_q: int
    """Bytes that the application has yet to read; of a listener the connections that wait to be accepted."""
    send_q: int
    """Bytes that the other end has not acknowledged; of a listener how many may wait."""
    inode: int
    """0 where no process holds it any more."""
    since_ns: int
    """When it was first seen in this state, in Unix ns: at most one look late."""
    due_ns: int = 0
    """When what it waits for is due, in Unix ns, as of when anything else of it last changed; 0 where nothing is."""

    @property
    def key(self) -> bytes:
        """Addresses and ports, which tell its connection from others."""
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
        """Whether it is a listener whose queue has no room: the kernel lets one more wait than it was told."""
        return self.state is State.LISTEN and self.recv_q > self.send_q


def key(local: tuple[str, int], remote: tuple[str, int]) -> bytes:
    """Return the key of a connection, as this host and the other name themselves.

    >>> key(("10.0.0.1", 80), ("10.0.0.2", 40000))[:8].hex()
    '00509c400a000001'
    """
    return _PORTS.pack(local[1], remote[1]) + packed(local[0]) + packed(remote[0])


def packed(address: str) -> bytes:
    """Write an address in sixteen bytes."""
    if ":" in address:
        return plain(socket.inet_pton(socket.AF_INET6, address.partition("%")[0]))
    return socket.inet_aton(address).ljust(ADDRESS, b"\0")


def plain(address: bytes) -> bytes:
    """Return an address of IPv4 in IPv6's clothes as what it is."""
    return address[12:].ljust(ADDRESS, b"\0") if address.startswith(_MAPPED) else address


def _address(sixteen: bytes) -> str:
    if sixteen[4:] == bytes(12):
        return socket.inet_ntoa(sixteen[:4])
    return socket.inet_ntop(socket.AF_INET6, sixteen)
