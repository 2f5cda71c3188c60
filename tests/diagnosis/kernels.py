"""A kernel that says of the ends of a capture what a test has it say."""

from __future__ import annotations

from pathlib import Path

from wirestat.beside import Beside
from wirestat.capture.native import NativeSource
from wirestat.host.kernel import Kernel
from wirestat.host.poll import Update
from wirestat.model import Connection, Side, State
from wirestat.testimony import Process, Socket, key
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

PCAPS = Path(__file__).parents[2] / "pcaps"
LEAK = "close-wait-leak/middle.pcap"
NGINX = Process(12, "nginx", "www", "nginx.service")


class Silent:
    """A kernel that has told all it had to tell."""

    is_alive = True

    def __init__(self, *sockets: Socket) -> None:
        holders = {socket.inode: NGINX for socket in sockets if socket.inode}
        self._updates = [Update(0, 0, True, sockets, (), holders, 0)]

    def updates(self) -> list[Update]:
        told, self._updates = self._updates, []
        return told


def connections(case: str) -> tuple[NativeSource, Tracker, list[Connection]]:
    source = NativeSource([PCAPS / case])
    tracker = Tracker(LINUX)
    source.drain(tracker.core)
    tracker.settle()
    return source, tracker, list(tracker.connections())


def socket_of(connection: Connection, side: Side, state: State, *, queue: tuple[int, int] = (0, 0)) -> Socket:
    one, other = connection.client, connection.server
    if side is Side.SERVER:
        one, other = other, one
    id = key((one.address, one.port), (other.address, other.port)) + bytes(12)
    return Socket(id, state, 0, 0, *queue, 7, 0)


def listener(connection: Connection, queue: tuple[int, int]) -> Socket:
    server = connection.server
    id = key((server.address, server.port), ("0.0.0.0", 0)) + bytes(12)
    return Socket(id, State.LISTEN, 0, 0, *queue, 3, 0)


def beside(tracker: Tracker, *sockets: Socket) -> Beside:
    """Put a kernel that has these sockets beside a tracker, and have it look twice."""
    kernel = Kernel(Silent(*sockets))
    made = Beside(kernel, tracker)
    made.look()
    made._learn_ends()
    return made


def stranger(
    state: State, *, timer: int = 0, due_ns: int = 0, retransmits: int = 0, queue: int = 0
) -> Socket:
    """Return a socket of a connection of which no packet was captured."""
    id = key(("192.0.2.1", 5432), ("192.0.2.9", 40_000)) + bytes(12)
    return Socket(id, state, timer, retransmits, 0, queue, 7, -9 * 10**9, due_ns)
