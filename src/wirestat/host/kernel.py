"""The kernel's record so far: existing sockets, the fate of closed ones, and their owners."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Protocol

from wirestat.host.poll import Update
from wirestat.model import State
from wirestat.testimony import KEY, Process, Socket, packed

_REMEMBERED = 100_000
"""Maximum number of connections whose sockets are gone and whose owners are remembered."""


class Updates(Protocol):
    """The source of updates."""

    is_alive: bool

    def updates(self) -> list[Update]:
        """Return the updates since the last call."""


class Kernel:
    """The sockets of this host, as of the last look."""

    def __init__(self, told: Updates) -> None:
        """Begin with nothing."""
        self._told = told
        self._sockets: dict[bytes, Socket] = {}
        self._listeners: dict[bytes, Socket] = {}
        self._holders: dict[int, Process] = {}
        self._past: OrderedDict[bytes, Process | None] = OrderedDict()
        self._news: list[Update] = []
        self.last: Update | None = None
        self.locals: set[bytes] = set()
        """Addresses of this host that sockets have had, in sixteen bytes."""

    @property
    def is_alive(self) -> bool:
        """Whether more updates may come."""
        return self._told.is_alive

    def has_news(self) -> bool:
        """Tell whether there are updates that :meth:`learn` has not taken."""
        self._news += self._told.updates()
        return bool(self._news)

    def learn(self) -> None:
        """Take the updates since the last call."""
        self.has_news()
        for update in self._news:
            self._take(update)
        self._news.clear()

    def socket(self, key: bytes) -> Socket | None:
        """Return the socket of a connection (:func:`wirestat.testimony.key`); ``None`` if there is none."""
        return self._sockets.get(key)

    def sockets(self) -> Iterator[Socket]:
        """Yield all sockets with a remote end."""
        return iter(self._sockets.values())

    def listener(self, address: str, port: int) -> Socket | None:
        """Return the listening socket of an address: its own, or the one for all addresses."""
        for local in (packed(address), bytes(16)):
            if found := self._listeners.get(port.to_bytes(2, "big") + local):
                return found
        return None

    def holder(self, key: bytes) -> Process | None:
        """Return the owner of a connection's socket, or its last owner if the socket is gone."""
        socket = self._sockets.get(key)
        found = self._holders.get(socket.inode) if socket else None
        return found or self._past.get(key)

    def holder_of(self, socket: Socket) -> Process | None:
        """Return the owner of a socket."""
        return self._holders.get(socket.inode)

    def is_local(self, address: str) -> bool:
        """Tell whether an address is one of this host's, as far as its sockets show."""
        return packed(address) in self.locals

    def _take(self, update: Update) -> None:
        self._holders.update(update.processes)
        for id in update.gone:
            self._lose(id)
        for socket in update.changed:
            self.locals.add(socket.id[4:20])
            if socket.state is State.LISTEN:
                self._listeners[socket.id[:2] + socket.id[4:20]] = socket
                continue
            before = self._sockets.get(socket.key)
            self._sockets[socket.key] = socket
            if before is not None and before.inode and before.inode != socket.inode:
                # Sockets in TIME_WAIT, and reset ones, have no owner.
                self._remember(socket.key, self._holders.pop(before.inode, None))
        self.last = update

    def _lose(self, id: bytes) -> None:
        key = id[:KEY]
        socket = self._sockets.get(key)
        if socket is not None and socket.id == id:
            del self._sockets[key]
            holder = self._holders.pop(socket.inode, None) if socket.inode else None
            self._remember(key, holder or self._past.get(key))
            return
        listener = self._listeners.get(id[:2] + id[4:20])
        if listener is not None and listener.id == id:
            del self._listeners[id[:2] + id[4:20]]
            self._holders.pop(listener.inode, None)

    def _remember(self, key: bytes, holder: Process | None) -> None:
        self._past[key] = holder
        self._past.move_to_end(key)
        if len(self._past) > _REMEMBERED:
            self._past.popitem(last=False)
