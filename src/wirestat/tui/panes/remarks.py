"""The kernel's remarks on the rows of lists: programs, differences, queues."""

from __future__ import annotations

from wirestat.beside import Beside
from wirestat.model import Connection, Side
from wirestat.names import Dialect
from wirestat.report.kernel import explained
from wirestat.report.sockets import timer
from wirestat.testimony import Socket
from wirestat.tui.panes.connections import Memory, Remark
from wirestat.tui.panes.listeners import Note


class Remarks:
    """Looks up the kernel's data for the rows that are drawn."""

    def __init__(self, beside: Beside, names: Dialect) -> None:
        """Ask ``beside``."""
        self._beside = beside
        self._names = names

    def connection(self, connection: Connection) -> Remark:
        """Return the programs of a connection, and the kernel's differences from the wire."""
        client, server = connection.client, connection.server
        holders = self._beside.holders((client.address, client.port), (server.address, server.port))
        said = {}
        for side in Side:
            found = self._beside.difference(connection.id, side)
            said[side] = explained(self._beside, connection, found, self._names) if found else ""
        process = ", ".join(str(holder) for holder in holders if holder)
        sockets = [self._beside.socket(connection, side) for side in Side]
        client_state, server_state = (found.state if found else None for found in sockets)
        return Remark(process, said[Side.CLIENT], said[Side.SERVER], client_state, server_state)

    def older(self, one: Socket) -> Memory:
        """Return the kernel's data on a connection without a captured packet."""
        kernel = self._beside.kernel
        now_ns = kernel.last.answered_ns if kernel.last else one.since_ns
        listens = kernel.listener(*one.local) is not None
        return Memory(now_ns, str(kernel.holder(one.key) or ""), timer(one, now_ns), listens)

    def listener(self, address: str, port: int) -> Note:
        """Return the accept queue of a listening socket, its process, and whether the queue is full."""
        found = self._beside.kernel.listener(address, port)
        if found is None or not self._beside.kernel.is_local(address):
            return "", "", False
        holder = self._beside.kernel.holder_of(found)
        return f"{found.recv_q} of {found.send_q}", str(holder or ""), found.is_full
