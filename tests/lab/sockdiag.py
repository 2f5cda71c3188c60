"""Sockets as ``ss`` sees them: NETLINK_SOCK_DIAG, asked again and again.

Request sockets (a server's SYN_RECV before the last ACK) and TIME_WAIT sockets are small separate things
that no tracepoint shows. A ``Watcher`` asks for them every few milliseconds and remembers, for each,
between which questions it appeared and disappeared.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import NamedTuple

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY, SOCK_DESTROY = 20, 21
NLM_F_REQUEST_ACK, NLM_F_REQUEST_DUMP = 0x005, 0x301
NLMSG_ERROR, NLMSG_DONE = 2, 3

TIMER_OF_TIME_WAIT = 3
STATES = {
    1: "ESTABLISHED",
    2: "SYN_SENT",
    3: "SYN_RECV",
    4: "FIN_WAIT1",
    5: "FIN_WAIT2",
    6: "TIME_WAIT",
    7: "CLOSED",
    8: "CLOSE_WAIT",
    9: "LAST_ACK",
    10: "LISTEN",
    11: "CLOSING",
    12: "SYN_RECV",
}
ALL_STATES = 0x1FFE
SMALL_SOCKET_STATES = 1 << 3 | 1 << 5 | 1 << 6 | 1 << 12
"""Where request sockets and TIME_WAIT sockets may be; FIN_WAIT2 because an orphan's is kept as a
TIME_WAIT socket."""
POLL_SECONDS = 0.004


class Entry(NamedTuple):
    """One socket in a dump."""

    state: str
    local: tuple[str, int]
    remote: tuple[str, int]
    cookie: bytes
    """The kernel's identity of the socket; a child has its request's, a TIME_WAIT socket that of the
    socket before."""
    small: bool
    """A request or TIME_WAIT socket (also the FIN_WAIT2 that an orphan becomes), no full socket."""


@dataclass
class Sighting:
    """One socket in one state over a row of polls. Each time pair is when the poll was asked and
    answered (ns)."""

    entry: Entry
    before: tuple[int, int]
    """The last poll that did not show it yet."""
    first: tuple[int, int]
    last: tuple[int, int]
    after: tuple[int, int] | None = None
    """The first poll that no longer showed it; None when it was there to the end."""


@dataclass
class Dump:
    asked_ns: int
    answered_ns: int
    entries: list[Entry] = field(default_factory=list)


class Inspector:
    """Asks one namespace for its TCP sockets; create it inside that namespace."""

    def __init__(self, families: tuple[int, ...]) -> None:
        self._families = families
        self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)
        self._netlink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._seen: dict[bytes, Entry] = {}

    def dump(self, states: int = ALL_STATES) -> Dump:
        asked = time.time_ns()
        entries: list[Entry] = []
        for family in self._families:
            for message in self._messages(family, states):
                key = message[:3] + message[4:]
                entry = self._seen.get(key)
                if entry is None:
                    entry = self._seen[key] = _entry(message)
                entries.append(entry)
        return Dump(asked, time.time_ns(), entries)

    def destroy_all(self) -> None:
        """Make the kernel forget every socket here, orphans too; an orphan would keep its namespace for
        minutes."""
        for key in {message for family in self._families for message in self._messages(family)}:
            request = struct.pack("=BBBBI", key[0], socket.IPPROTO_TCP, 0, 0, ALL_STATES) + key[4:52]
            header = struct.pack("=IHHII", 16 + len(request), SOCK_DESTROY, NLM_F_REQUEST_ACK, 2, 0)
            self._netlink.send(header + request)
            self._netlink.recv(1 << 16)

    def _messages(self, family: int, states: int = ALL_STATES) -> list[bytes]:
        """The heads of the struct inet_diag_msg of all sockets in these states."""
        request = struct.pack("=BBBBI48x", family, socket.IPPROTO_TCP, 0, 0, states)
        header = struct.pack("=IHHII", 16 + len(request), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST_DUMP, 1, 0)
        self._netlink.send(header + request)
        messages: list[bytes] = []
        while True:
            part = self._netlink.recv(1 << 17)
            position = 0
            while position < len(part):
                length, kind = struct.unpack_from("=IH", part, position)
                if kind == NLMSG_DONE:
                    return messages
                if kind == NLMSG_ERROR:
                    raise OSError(-struct.unpack_from("=i", part, position + 16)[0], "inet_diag dump failed")
                messages.append(part[position + 16 : position + 68])
                position += (length + 3) & ~3


def _entry(message: bytes) -> Entry:
    """Read the head of struct inet_diag_msg."""
    family, state, timer = message[0], message[1], message[2]
    source_port, destination_port = struct.unpack_from("!HH", message, 4)
    size = 4 if family == socket.AF_INET else 16
    source = socket.inet_ntop(family, message[8 : 8 + size])
    destination = socket.inet_ntop(family, message[24 : 24 + size])
    small = state == 6 or timer == TIMER_OF_TIME_WAIT or state in (3, 12)
    return Entry(STATES[state], (source, source_port), (destination, destination_port), message[44:52], small)


class Watcher(threading.Thread):
    """Polls both machines until stopped."""

    def __init__(self, inspectors: dict[str, Inspector], states: int = ALL_STATES) -> None:
        super().__init__(name="watcher", daemon=True)
        self.sightings: dict[str, list[Sighting]] = {host: [] for host in inspectors}
        self._inspectors = inspectors
        self._states = states
        self._halt = threading.Event()
        self._current: dict[str, dict[tuple[bytes, str, bool, tuple[str, int]], Sighting]] = {
            host: {} for host in inspectors
        }
        self._previous = dict.fromkeys(inspectors, (0, 0))

    def run(self) -> None:
        while not self._halt.is_set():
            for host in self._inspectors:
                self._poll(host)
            self._halt.wait(POLL_SECONDS)

    def stop(self) -> None:
        """Poll once more and end."""
        self._halt.set()
        self.join()
        for host in self._inspectors:
            self._poll(host)

    def _poll(self, host: str) -> None:
        dump = self._inspectors[host].dump(self._states)
        moment = (dump.asked_ns, dump.answered_ns)
        current = self._current[host]
        present = set()
        for entry in dump.entries:
            if entry.state == "LISTEN":
                continue
            key = (entry.cookie, entry.state, entry.small, entry.remote)
            present.add(key)
            sighting = current.get(key)
            if sighting is None:
                sighting = current[key] = Sighting(entry, self._previous[host], moment, moment)
                self.sightings[host].append(sighting)
            sighting.last = moment
        for key in current.keys() - present:
            current.pop(key).after = moment
        self._previous[host] = moment

    def states_now(self, host: str) -> dict[tuple[tuple[str, int], tuple[str, int]], str]:
        """The result of the latest poll: (local, remote) → state."""
        return {(s.entry.local, s.entry.remote): s.entry.state for s in list(self._current[host].values())}
