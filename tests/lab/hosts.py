"""The machines: a namespace, an address, and the few socket calls that scenarios need."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field
from pathlib import Path

from .frames import Address
from .namespaces import Namespace
from .sockdiag import Inspector

TCP_REPAIR = 19
TCP_USER_TIMEOUT = 18
TCP_FASTOPEN_CONNECT = 30

SYSCTLS = (
    "tcp_abort_on_overflow",
    "tcp_challenge_ack_limit",
    "tcp_early_retrans",
    "tcp_fastopen",
    "tcp_fin_timeout",
    "tcp_invalid_ratelimit",
    "tcp_keepalive_intvl",
    "tcp_keepalive_probes",
    "tcp_keepalive_time",
    "tcp_max_syn_backlog",
    "tcp_max_tw_buckets",
    "tcp_orphan_retries",
    "tcp_recovery",
    "tcp_retries1",
    "tcp_retries2",
    "tcp_rfc1337",
    "tcp_rto_max_ms",
    "tcp_rto_min_us",
    "tcp_sack",
    "tcp_syn_linear_timeouts",
    "tcp_syn_retries",
    "tcp_synack_retries",
    "tcp_syncookies",
    "tcp_timestamps",
    "tcp_tw_reuse",
    "tcp_tw_reuse_delay",
    "tcp_window_scaling",
)
"""Settings under net.ipv4 that decide what TCP does; recorded with every scenario."""


@dataclass
class Host:
    """One machine. ``address`` is the one the scenario uses; ``interface`` its side of the cable."""

    name: str
    address: str
    mac: str
    namespace: Namespace = field(default_factory=Namespace.with_own_table)
    interface: str = "eth0"

    @property
    def plug(self) -> str:
        """The wire's end of the cable to this machine's interface."""
        return f"{self.name[:6]}-{self.interface[:7]}"

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.address else socket.AF_INET

    def at(self, port: int) -> Address:
        """This machine as the source or target of a forged frame."""
        return Address(bytes.fromhex(self.mac.replace(":", "")), self.address, port)

    def new_socket(self) -> socket.socket:
        with self.namespace.inside():
            return socket.socket(self.family, socket.SOCK_STREAM)

    def bound(self, port: int) -> socket.socket:
        """A socket bound to this machine's address and the given port."""
        made = self.new_socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((self.address, port))
        return made

    def inspector(self) -> Inspector:
        with self.namespace.inside():
            return Inspector((self.family,))

    def set(self, **settings: int | str) -> None:
        """Change settings under net.ipv4: ``host.set(tcp_syn_retries=2)``."""
        for name, value in settings.items():
            self.namespace.write_sysctl(f"net.ipv4.{name}", value)

    def settings(self) -> dict[str, str]:
        """The TCP settings in force."""
        values = {name: self.namespace.read_sysctl(f"net.ipv4.{name}") for name in SYSCTLS}
        return {f"net.ipv4.{name}": value for name, value in values.items() if value is not None}

    def counter(self, name: str) -> int:
        """One of the counters that ``nstat`` shows, for example ``ListenOverflows``."""
        with self.namespace.inside():
            lines = Path("/proc/thread-self/net/netstat").read_text().splitlines()
        for names, values in zip(lines[::2], lines[1::2], strict=True):
            columns = dict(zip(names.split()[1:], values.split()[1:], strict=True))
            if name in columns:
                return int(columns[name])
        raise KeyError(name)


def reset_on_close(connection: socket.socket) -> None:
    """SO_LINGER with zero seconds: close() sends RST and forgets."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def keepalive(connection: socket.socket, *, idle: int, interval: int, probes: int) -> None:
    """Switch keepalive on; times in seconds."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, probes)


def vanish(connection: socket.socket) -> None:
    """Make the socket disappear without a packet, as a power cut would (TCP_REPAIR, then close)."""
    connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    connection.close()
