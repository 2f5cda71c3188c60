"""Determines the local ends: those of a named host, of this host, or of the host of the tap."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING

import msgspec

from wirestat.errors import UsageError
from wirestat.model import Connection, Side

if TYPE_CHECKING:
    from wirestat.report.build import Report

Net = IPv4Network | IPv6Network
TAP = "tap"
"""The word for the host of the tap."""


class Local(msgspec.Struct, frozen=True):
    """The local addresses; without any, each end is local in turn."""

    net: Net | None = None
    addresses: frozenset[str] | None = None
    """The addresses of one host. A connection between two others only passes it: then both ends are listed."""

    def has(self, address: str) -> bool:
        """Tell whether an address is local."""
        if self.net is not None:
            return ip_address(address) in self.net
        return self.addresses is None or address in self.addresses

    def sides(self, connection: Connection) -> Iterable[Side]:
        """Return the ends that are listed as local."""
        ends = {Side.CLIENT: connection.client.address, Side.SERVER: connection.server.address}
        found = [side for side, address in ends.items() if self.has(address)]
        return found or (Side if self.addresses is not None else ())


def is_met(net: Net, report: Report) -> bool:
    """Tell whether any address of a network occurs in the captures, in TCP or UDP."""
    ends = ("client_address", "server_address")
    table = report.tables({"connections": list(ends)})["connections"]
    met = {str(address) for end in ends for address in table[end]}
    met.update(address for one in report.udp() for address in (one.address_a, one.address_b))
    return any(ip_address(address) in net for address in met)


def of_this_host() -> Local:
    """Return the addresses of this host's interfaces."""
    from wirestat.capture.interfaces import cards

    return Local(addresses=frozenset(address for card in cards() for address in card.addresses))


def at_the_tap(report: Report) -> Local:
    """Return the addresses of the host of the tap, by the handshakes in the captures.

    Raises:
        UsageError: they do not show it.
    """
    ends = {
        client if tap.side is Side.CLIENT else server
        for (client, server), tap in report.taps.paths().items()
        if tap.side is not None
    }
    if not ends:
        raise UsageError(
            "the handshakes do not show at which host the tap is", hint="name it: --local 10.0.0.1"
        )
    return Local(addresses=frozenset(ends))
