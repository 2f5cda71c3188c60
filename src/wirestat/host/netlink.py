"""Lists of TCP sockets, as the kernel returns them (``sock_diag(7)``)."""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterable, Iterator

_NETLINK_SOCK_DIAG = 4
_GETSOCK = 18
"""The older of two requests: it lists IPv4 and IPv6 at once, which halves the walk through the kernel's tables."""
_REQUEST_DUMP = 0x301
_ERROR, _DONE = 2, 3
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBB48xII")
_RECEIVE = 1 << 18
_HEAD = 16 + 72
"""Bytes of a message's header and of ``struct inet_diag_msg``; attributes follow, and are not read."""

ESTABLISHED = 1 << 1
OTHERS = 0x1FFE & ~ESTABLISHED
"""States by the kernel's numbers, as bits: request sockets (12) among them."""

Row = tuple[bytes, bytes, bytes]
"""The parts of a socket: family, state, timer, retransmits, identity (52 bytes); when its timer is due (4); the part
that changes with traffic (16: queues, user, inode)."""


class SocketList:
    """A socket to ask the kernel, bound to the network namespace in which it was made."""

    def __init__(self) -> None:
        """Open it; this takes no privilege.

        Raises:
            OSError: the system has no ``sock_diag``, or forbids it.
        """
        self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG)
        self._netlink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)

    def ask(self, states: int) -> list[Row]:
        """List the sockets in these states.

        Raises:
            OSError: the kernel refused.
        """
        request = _REQUEST.pack(socket.AF_INET, 0, 0, 0, states, 0)
        header = _HEADER.pack(_HEADER.size + len(request), _GETSOCK, _REQUEST_DUMP, 1, 0)
        self._netlink.send(header + request)
        rows: list[Row] = []
        while True:
            part = self._netlink.recv(_RECEIVE)
            kind = int.from_bytes(part[4:6], "little")
            if kind == _ERROR:
                number = -struct.unpack_from("=i", part, _HEADER.size)[0]
                raise OSError(number or errno.EIO, os.strerror(number or errno.EIO))
            rows += _rows(part)
            if kind == _DONE or _ends(part):
                return rows

    def fileno(self) -> int:
        """Return its descriptor."""
        return self._netlink.fileno()

    def close(self) -> None:
        """Close it."""
        self._netlink.close()


def _ends(part: bytes) -> bool:
    """Tell whether the last message of a part ends the list."""
    return (
        len(part) >= 20
        and int.from_bytes(part[-16:-14], "little") == _DONE
        and len(part) % 4 == 0
        and (int.from_bytes(part[-20:-16], "little") == 20)
    )


def _rows(part: bytes) -> Iterable[Row]:
    """Split messages: all at once if they are equally long, as is usual, else one by one."""
    length = int.from_bytes(part[:4], "little")
    number, rest = divmod(len(part), length or 1)
    if (
        length >= _HEAD
        and not rest
        and all(part[place::length] == part[place : place + 1] * number for place in range(6))
    ):
        return struct.iter_unpack(f"=16x52s4s16s{length - _HEAD}x", part)
    return list(_one_by_one(part))


def _one_by_one(part: bytes) -> Iterator[Row]:
    place = 0
    while place + 16 <= len(part):
        length, kind = struct.unpack_from("=IH", part, place)
        if length < 16 or kind == _DONE:
            return
        if length >= _HEAD:
            start = place + 16
            yield part[start : start + 52], part[start + 52 : start + 56], part[start + 56 : start + 72]
        place += (length + 3) & ~3
