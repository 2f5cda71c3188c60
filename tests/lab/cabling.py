"""Cables between the machines and the wire, and the router that may stand in the middle of it."""

from __future__ import annotations

import socket

from .hosts import Host
from .namespaces import Namespace

GATEWAY_PREFIX = 25
"""The client has the lower half of the scenario's network, the server the upper half."""
TRANSLATED_PORTS = "50000-50999"


def plug_in(host: Host, prefix: int, wire: Namespace) -> None:
    """A veth pair between the host and the wire's namespace, with every offload off so that frames are
    real."""
    inside, outside = host.interface, host.plug
    host.namespace.run(
        *("ip", "link", "add", inside, "address", host.mac, "type", "veth"),
        *("peer", "name", outside, "netns", wire.path),
    )
    for namespace, interface in ((host.namespace, inside), (wire, outside)):
        namespace.run(
            *("ethtool", "-K", interface),
            *(word for feature in ("tx", "rx", "sg", "tso", "gso", "gro") for word in (feature, "off")),
        )
    wire.write_sysctl(f"net.ipv6.conf.{outside}.disable_ipv6", 1)
    host.namespace.write_sysctl(f"net.ipv6.conf.{inside}.accept_dad", 0)
    host.namespace.write_sysctl(f"net.ipv6.conf.{inside}.router_solicitations", 0)
    if host.family == socket.AF_INET:
        host.namespace.write_sysctl(f"net.ipv6.conf.{inside}.disable_ipv6", 1)
    wire.run("ip", "link", "set", outside, "up", "promisc", "on")
    host.namespace.run("ip", "link", "set", "lo", "up")
    host.namespace.run("ip", "link", "set", inside, "up")
    host.namespace.run("ip", "address", "add", f"{host.address}/{prefix}", "dev", inside)


def know(host: Host, neighbour: Host) -> None:
    """Give the host its neighbour's MAC address for good: no ARP on the wire."""
    host.namespace.run(
        *("ip", "neighbour", "replace", neighbour.address, "lladdr", neighbour.mac),
        *("dev", host.interface, "nud", "permanent"),
    )


def introduce(host: Host, neighbour: Host) -> None:
    """Make the neighbour known, and the host's way to everywhere."""
    know(host, neighbour)
    host.namespace.run("ip", "route", "add", "default", "via", neighbour.address, "dev", host.interface)


class Gateway:
    """A router that puts its own address and another port in the client's place."""

    def __init__(self, client: Host, server: Host) -> None:
        """Move the server to the upper half of the network and stand between the two."""
        network = client.address.rpartition(".")[0]
        server.address = f"{network}.130"
        self.namespace = Namespace()
        self.inside = Host("gateway", f"{network}.126", "02:00:00:00:00:03", self.namespace, "inside")
        self.outside = Host("gateway", f"{network}.254", "02:00:00:00:00:04", self.namespace, "outside")
        self._client, self._server = client, server

    def open(self) -> None:
        """Begin to forward and translate; forget no connection and adopt none it has not seen begin."""
        know(self.inside, self._client)
        know(self.outside, self._server)
        self.namespace.write_sysctl("net.ipv4.ip_forward", 1)
        self.rules(
            "table ip gateway {\n"
            "  chain translate {\n"
            "    type nat hook postrouting priority srcnat\n"
            f"    oifname outside meta l4proto tcp masquerade to :{TRANSLATED_PORTS}\n"
            "  }\n"
            "  chain pass { type filter hook forward priority filter; }\n"
            "}\n"
        )
        self.namespace.write_sysctl("net.netfilter.nf_conntrack_tcp_loose", 0)

    def rules(self, text: str) -> None:
        """Add nftables rules."""
        self.namespace.run("nft", "-f", "-", text=text)

    def forget_after(self, seconds: int) -> None:
        """How long an idle established connection is remembered; counts from its next packet."""
        self.namespace.write_sysctl("net.netfilter.nf_conntrack_tcp_timeout_established", seconds)
