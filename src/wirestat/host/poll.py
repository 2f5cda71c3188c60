"""Looks at the sockets repeatedly, and returns the changes between two looks."""

from __future__ import annotations

import time

import msgspec

from wirestat.host.netlink import ESTABLISHED, OTHERS, Row, SocketList
from wirestat.host.processes import Processes
from wirestat.model import State
from wirestat.testimony import Process, Socket, plain

_STATES = {
    1: State.ESTABLISHED, 2: State.SYN_SENT, 3: State.SYN_RECV, 4: State.FIN_WAIT1, 5: State.FIN_WAIT2,
    6: State.TIME_WAIT, 7: State.CLOSED, 8: State.CLOSE_WAIT, 9: State.LAST_ACK, 10: State.LISTEN,
    11: State.CLOSING, 12: State.SYN_RECV,
}  # fmt: skip
_SHARE = 40
"""Listing sockets in ESTABLISHED, the most common state, takes at most one part in this many of the time."""
_MILLISECOND = 1_000_000
_COOKIE = slice(40, 52)
"""The place of its interface and of the kernel's number in the first part of a socket."""


class Update(msgspec.Struct, frozen=True, array_like=True):
    """The changes since the last one."""

    asked_ns: int
    answered_ns: int
    """When the kernel was asked, and when it had answered, in Unix ns."""
    is_whole: bool
    """Whether all states were listed; if not, sockets in ESTABLISHED may have ended since."""
    changed: tuple[Socket, ...]
    gone: tuple[bytes, ...]
    """Identities of sockets that are gone."""
    processes: dict[int, Process]
    """Owners of sockets by inode, as far as found since."""
    hidden: int
    """Processes that could not be examined."""


class Poll:
    """Compares each answer with the one before."""

    def __init__(self, lists: list[SocketList], processes: Processes) -> None:
        """Ask all of ``lists``: one for each network namespace."""
        self._lists = lists
        self._processes = processes
        self._rows: dict[int, set[tuple[bytes, bytes]]] = {ESTABLISHED: set(), OTHERS: set()}
        self._sockets: dict[bytes, Socket] = {}
        self._unheld: set[int] = set()
        self._let_go: set[int] = set()
        """Earlier inodes of sockets: reset ones, and those in TIME_WAIT, have none."""
        self._next_whole = 0.0

    def descriptors(self) -> list[int]:
        """Return the descriptors of the netlink sockets."""
        return [one.fileno() for one in self._lists]

    def close(self) -> None:
        """Close the descriptors: another process has its own."""
        for one in self._lists:
            one.close()

    def look(self) -> Update:
        """Ask, and return what has changed.

        Raises:
            OSError: the kernel refused.
        """
        asked_ns, started = time.time_ns(), time.process_time()
        is_whole = time.monotonic() >= self._next_whole
        changed: dict[bytes, Socket] = {}
        gone: set[bytes] = set()
        for states in (OTHERS, ESTABLISHED) if is_whole else (OTHERS,):
            rows = [row for one in self._lists for row in one.ask(states)]
            self._compare(states, rows, asked_ns, changed, gone)
        answered_ns = time.time_ns()
        if is_whole:
            self._next_whole = time.monotonic() + _SHARE * (time.process_time() - started)
        gone -= changed.keys()
        inodes = self._let_go | {self._sockets.pop(id).inode for id in gone if id in self._sockets}
        self._let_go = set()
        self._processes.forget(inodes)
        self._unheld |= {one.inode for one in changed.values() if one.inode}
        self._unheld -= inodes
        found = self._processes.find(self._unheld)
        self._unheld -= found.keys()
        return Update(
            asked_ns,
            answered_ns,
            is_whole,
            tuple(changed.values()),
            tuple(gone),
            found,
            self._processes.hidden,
        )

    def _compare(
        self, states: int, rows: list[Row], now_ns: int, changed: dict[bytes, Socket], gone: set[bytes]
    ) -> None:
        """Find sockets of these states that are new or different, and those that are gone."""
        now = {(what, traffic) for what, _, traffic in rows}
        before, self._rows[states] = self._rows[states], now
        for row in rows:
            if (row[0], row[2]) not in before:
                socket = self._socket(row, now_ns)
                changed[socket.id] = self._sockets[socket.id] = socket
        is_established = states == ESTABLISHED
        for what, _traffic in before - now:
            id = identity(what)
            known = self._sockets.get(id)
            if id not in changed and known and (known.state is State.ESTABLISHED) == is_established:
                gone.add(id)

    def _socket(self, row: Row, now_ns: int) -> Socket:
        what, due, traffic = row
        id = identity(what)
        state = _STATES.get(what[1], State.UNKNOWN)
        known = self._sockets.get(id)
        since_ns = known.since_ns if known and known.state is state else now_ns
        recv_q, send_q, _uid, inode = (int.from_bytes(traffic[at : at + 4], "little") for at in (0, 4, 8, 12))
        if known and known.inode and known.inode != inode:
            self._let_go.add(known.inode)
        due_ns = now_ns + int.from_bytes(due, "little") * _MILLISECOND if what[2] else 0
        return Socket(id, state, what[2], what[3], recv_q, send_q, inode, since_ns, due_ns)


def identity(what: bytes) -> bytes:
    """Return the key of a socket's connection, and what distinguishes it from an earlier socket of the same one.

    A request socket and the child that it becomes, a socket and the TIME_WAIT that it becomes are one.
    """
    return what[4:8] + plain(what[8:24]) + plain(what[24:40]) + what[_COOKIE]
