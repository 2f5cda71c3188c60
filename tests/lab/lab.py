"""One scenario's laboratory: two machines, the wire between them, and the vocabulary of a story."""

from __future__ import annotations

import random
import socket
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from . import frames
from .cabling import GATEWAY_PREFIX, Gateway, introduce, plug_in
from .frames import Flag
from .hosts import Host, vanish
from .namespaces import Namespace
from .port import Port
from .sockdiag import ALL_STATES, Watcher
from .wire import STAGE_DELAY_NS, TOWARD_CLIENT, TOWARD_SERVER, Side, Stage, Tap, Wire

SERVER_PORT = 8080
CLIENT_PORT = 40001
PATIENCE_SECONDS = 120.0
SECOND = 10**9
MILLISECOND = 10**6


class ScenarioError(RuntimeError):
    """The kernels did not behave as the scenario says."""


@dataclass(frozen=True)
class Setting:
    """The laboratory that a scenario wants before the story begins."""

    ipv6: bool = False
    gateway: bool = False
    stage_delay_ns: int = STAGE_DELAY_NS
    watch_states: int = ALL_STATES
    lasts_seconds: float = 1.0
    """About how long the story takes; the long ones are started first."""


class Lab:
    """Both machines, wired and watched. Sockets handed out are kept alive until the captures have ended."""

    def __init__(self, name: str, seed: int, setting: Setting) -> None:
        self.setting = setting
        self.random = random.Random(f"{name}/{seed}")
        self.extra_diagnoses: list[str] = []
        client_address, server_address, prefix = addresses(name, setting.ipv6)
        self.client = Host("client", client_address, "02:00:00:00:00:01")
        self.server = Host("server", server_address, "02:00:00:00:00:02")
        self.gateway: Gateway | None = None
        self._wire_namespace = Namespace()
        self._keep: list[socket.socket] = []
        if setting.gateway:
            self.gateway = Gateway(self.client, self.server)
            prefix = GATEWAY_PREFIX
            sides = [(self.client, self.gateway.inside), (self.server, self.gateway.outside)]
        else:
            sides = [(self.client, self.server), (self.server, self.client)]
        hosts = [self.client, self.server]
        if self.gateway:
            hosts += [self.gateway.inside, self.gateway.outside]
        for host in hosts:
            plug_in(host, prefix, self._wire_namespace)
        for host, neighbour in sides:
            introduce(host, neighbour)
        if self.gateway:
            self.gateway.open()
        with self._wire_namespace.inside():
            self.wire = Wire(self._path())
        inspectors = {"client": self.client.inspector(), "server": self.server.inspector()}
        self.watcher = Watcher(inspectors, setting.watch_states)

    def _path(self) -> list[Port | Stage | Tap]:
        delay_ns = self.setting.stage_delay_ns
        path: list[Port | Stage | Tap] = [
            Port("client", self.client.plug, TOWARD_SERVER),
            Stage("client-port"),
            Tap("client"),
            Stage("client-side", delay_ns),
            Tap("middle"),
        ]
        if self.gateway:
            path += [
                Port("gateway", self.gateway.inside.plug, TOWARD_CLIENT),
                Port("gateway", self.gateway.outside.plug, TOWARD_SERVER),
            ]
        return [
            *path,
            Stage("server-side", delay_ns),
            Tap("server"),
            Stage("server-port"),
            Port("server", self.server.plug, TOWARD_CLIENT),
        ]

    # Machines.

    def both(self, **settings: int | str) -> None:
        """Change TCP settings on both machines."""
        self.client.set(**settings)
        self.server.set(**settings)

    def keep(self, made: socket.socket) -> socket.socket:
        self._keep.append(made)
        return made

    def listen(self, port: int = SERVER_PORT, backlog: int = 16) -> socket.socket:
        listener = self.keep(self.server.bound(port))
        listener.listen(backlog)
        listener.settimeout(PATIENCE_SECONDS)
        return listener

    def client_socket(self, port: int = CLIENT_PORT) -> socket.socket:
        made = self.keep(self.client.bound(port))
        made.settimeout(PATIENCE_SECONDS)
        return made

    def start_connecting(self, port: int = CLIENT_PORT, to: int = SERVER_PORT) -> socket.socket:
        """Send the SYN and return at once."""
        made = self.client_socket(port)
        made.setblocking(False)
        made.connect_ex((self.server.address, to))
        made.settimeout(PATIENCE_SECONDS)
        return made

    def connect(self, port: int = CLIENT_PORT, to: int = SERVER_PORT) -> socket.socket:
        made = self.client_socket(port)
        made.connect((self.server.address, to))
        return made

    def socket_of(self, port: int) -> socket.socket:
        """The client's socket on this port."""
        return next(
            s
            for s in reversed(self._keep)
            if s.fileno() >= 0 and s.getsockname()[:2] == (self.client.address, port)
        )

    def accept(self, listener: socket.socket) -> socket.socket:
        accepted, _ = listener.accept()
        accepted.settimeout(PATIENCE_SECONDS)
        return self.keep(accepted)

    def connection(self, port: int = CLIENT_PORT) -> tuple[socket.socket, socket.socket]:
        """An established connection: the client's socket and the server's."""
        listener = self.listen()
        client = self.connect(port)
        return client, self.accept(listener)

    def exchange(
        self, client: socket.socket, server: socket.socket, request: int = 120, answer: int = 900
    ) -> None:
        """A request and its answer, both read to the end."""
        send_all(client, server, request)
        send_all(server, client, answer)
        self.wire.wait_until_quiet()

    def crash(self, *sockets: socket.socket) -> None:
        """The sockets disappear without a packet."""
        for each in sockets:
            vanish(each)

    def dismantle(self) -> None:
        """Leave no socket behind, neither held nor orphaned: each would keep its namespace alive for
        minutes."""
        for made in self._keep:
            if made.fileno() >= 0:
                with suppress(OSError):
                    vanish(made)
                made.close()
        for host in (self.client, self.server):
            host.inspector().destroy_all()

    # Time.

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def when(self, condition: Callable[[], bool], what: str, patience: float = PATIENCE_SECONDS) -> None:
        """Wait until the condition holds."""
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                raise ScenarioError(f"waited {patience:g} s in vain for {what}")
            time.sleep(0.002)

    def until(
        self,
        client: str | None = None,
        server: str | None = None,
        *,
        port: int = CLIENT_PORT,
        to: int = SERVER_PORT,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """Wait until the kernels show these states; CLOSED means that there is no socket."""
        for host, state in ((self.client, client), (self.server, server)):
            if state is not None:
                self.when(
                    lambda host=host, state=state: self.state(host.name, port, to) == state,  # type: ignore[misc]  # mypy infers no lambda with defaults
                    f"{host.name} {state} (it is {self.state(host.name, port, to)})",
                    patience,
                )

    def state(self, host: str, port: int = CLIENT_PORT, to: int = SERVER_PORT) -> str:
        """The state in the latest poll."""
        ends = (self.client.address, port), (self.server.address, to)
        key = ends if host == "client" else ends[::-1]
        return self.watcher.states_now(host).get(key, "CLOSED")

    # Forgery: segments made from what the wire last saw.

    def forge(
        self,
        toward: Side,
        flags: Flag,
        *,
        seq_offset: int = 0,
        seq: int | None = None,
        ack: int | None = None,
        payload: bytes = b"",
        hops: int = 64,
        port: int = CLIENT_PORT,
        to: int = SERVER_PORT,
        at: str = "middle",
    ) -> None:
        """Inject a segment of the connection as if its other end had sent it.

        Without ``seq`` it carries the next sequence number the real sender would use, plus ``seq_offset``.
        """
        client, server = self.client.at(port), self.server.at(to)
        sender, receiver = (client, server) if toward == "server" else (server, client)
        flow = (sender.ip, sender.port, receiver.ip, receiver.port)
        memory = self.wire.flows.get(flow)
        peer = self.wire.flows.get((flow[2], flow[3], flow[0], flow[1]))
        if seq is None:
            seq = (memory.next_seq if memory else 0) + seq_offset
        if ack is None:
            ack = peer.next_seq if peer and flags & Flag.ACK else 0
        raw = frames.tcp(sender, receiver, flags=flags, seq=seq, ack=ack, payload=payload, hops=hops)
        self.wire.inject(raw, toward=toward, at=at)


def addresses(name: str, ipv6: bool = False) -> tuple[str, str, int]:
    """Client address, server address and prefix length: a network of its own for every scenario name.

    The trace is machine-wide, so addresses tell the scenarios apart that run at the same time.
    """
    number = zlib.crc32(name.encode()) % 62000 + 1000
    high, low = divmod(number, 250)
    if ipv6:
        return f"fd00:{number:x}::1", f"fd00:{number:x}::2", 64
    return f"10.{high}.{low}.1", f"10.{high}.{low}.2", 24


def send_all(sender: socket.socket, receiver: socket.socket, length: int) -> None:
    """Send that many bytes and read them at the other end."""
    sender.sendall(bytes(i % 251 for i in range(length)))
    left = length
    while left > 0:
        part = receiver.recv(left)
        if not part:
            raise ScenarioError(f"the connection ended {left} bytes early")
        left -= len(part)
