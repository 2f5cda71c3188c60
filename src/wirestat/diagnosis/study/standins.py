"""Clients for whom somebody near answers in the names of all servers: a VPN or a filter on their own host, or a proxy
beside it.

The packets of servers in many public networks all have one TTL, and each SYN is answered at once. The network begins
behind whoever answers: how long it takes, and what came to a server, does not show.
"""

from collections import defaultdict
from collections.abc import Iterable

from wirestat.model import Connection
from wirestat.timers import MILLISECOND

AT_ONCE = 50 * MILLISECOND
"""Servers that are far away take longer to answer a SYN."""
_NETWORKS = 5
"""Servers in so many public networks are hardly all equally far away, and near."""
_PRIVATE = (
    *("10.", "127.", "169.254.", "192.168.", "::1", "fc", "fd", "fe80:"),
    *(f"172.{second}." for second in range(16, 32)),
    *(f"100.{second}." for second in range(64, 128)),
)
"""How addresses begin that are not routed between networks (RFC 6890)."""


def stand_ins(connections: Iterable[Connection]) -> frozenset[str]:
    """Return the addresses of those clients."""
    ttls: defaultdict[str, set[int | None]] = defaultdict(set)
    networks: defaultdict[str, set[str]] = defaultdict(set)
    slowest: defaultdict[str, int] = defaultdict(int)
    for one in connections:
        client, server = one.client.address, one.server
        if is_private(server.address) or not server.frames:
            continue
        if server.ttl is not None:  # that of a refusal alone is not on record
            ttls[client].add(server.ttl)
        networks[client].add(_network(server.address))
        slowest[client] = max(slowest[client], one.syn_to_syn_ack_ns or 0)
    return frozenset(
        client
        for client, found in networks.items()
        if len(found) >= _NETWORKS and len(ttls[client]) == 1 and 0 < slowest[client] < AT_ONCE
    )


def is_private(address: str) -> bool:
    """Say whether an address is not routed between networks."""
    return address.startswith(_PRIVATE)


def _network(address: str) -> str:
    """Return the first 16 bits of an IPv4 address, or 32 of IPv6: owners of networks have as much, mostly."""
    mark = ":" if ":" in address else "."
    return mark.join(address.split(mark)[:2])
