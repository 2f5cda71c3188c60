"""Wireshark display filters. Stream numbers differ between its versions, so addresses, ports and frames are named."""

import re
from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from wirestat.model import Connection, Finding

MOST_FRAMES = 50
"""A filter that names more frames than this helps nobody."""
MOST_PORTS = 50
MOST_SOCKETS = 20
_MANY = 3
"""So many addresses are named together."""


def of_connection(connection: Connection, frames: Iterable[int] = ()) -> str:
    """Select these frames of a connection; all of it where none are named."""
    client, server = connection.client, connection.server
    ends = (address(client.address), address(server.address), port(client.port), port(server.port))
    return " && ".join((*dict.fromkeys(ends), *_frames(frames)))  # on loopback both have one address


def of_server(server: str, number: int, clients: Iterable[int] = ()) -> str:
    """Select whatever goes to and from a server's port; of these ports of its clients, where they are few.

    >>> of_server("10.0.0.2", 80, [40001, 40000])
    'ip.addr==10.0.0.2 && tcp.port==80 && tcp.port in {40000, 40001}'
    """
    numbers = sorted(set(clients))
    few = (f"tcp.port in {{{', '.join(map(str, numbers))}}}",) if 0 < len(numbers) <= MOST_PORTS else ()
    return " && ".join((address(server), port(number), *few))


def of_sockets(sockets: Iterable[tuple[str, int]], client: str = "") -> str:
    """Select whatever goes to and from any of these sockets; with a client's filter, its own alone.

    Where there are too many of them, the client and their ports are all.

    >>> of_sockets([("10.0.0.2", 80), ("10.0.0.3", 80)])
    '(ip.addr==10.0.0.2 && tcp.port==80) || (ip.addr==10.0.0.3 && tcp.port==80)'
    >>> of_sockets([("10.0.0.2", 80), ("10.0.0.3", 80), ("10.0.0.4", 80)])
    '(ip.addr in {10.0.0.2, 10.0.0.3, 10.0.0.4} && tcp.port==80)'
    """
    all_of_them = list(sockets)
    ports = sorted({number for _, number in all_of_them})
    if len(all_of_them) > MOST_SOCKETS:
        few = f"tcp.port in {{{', '.join(map(str, ports))}}}" if client and len(ports) <= MOST_PORTS else ""
        return " && ".join(filter(None, (client, few)))
    by_port: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for server, number in all_of_them:
        by_port["ipv6.addr" if ":" in server else "ip.addr", number].append(server)
    each = []
    for (field, number), servers in by_port.items():
        if len(servers) >= _MANY:
            each.append(f"({field} in {{{', '.join(servers)}}} && {port(number)})")
        else:
            each += [f"({address(server)} && {port(number)})" for server in servers]
    any_of = " || ".join(each)
    return f"{client} && ({any_of})" if client else any_of


def of_frames(frames: Iterable[int]) -> str:
    """Select frames by number alone."""
    return "".join(_frames(frames))


def address(text: str) -> str:
    """Select an address, of either family.

    >>> address("10.0.0.1"), address("2001:db8::1")
    ('ip.addr==10.0.0.1', 'ipv6.addr==2001:db8::1')
    """
    return f"ipv6.addr=={text}" if ":" in text else f"ip.addr=={text}"


def addresses(texts: Iterable[str]) -> str:
    """Select any of these addresses, all of one family.

    >>> addresses(["10.0.0.2", "10.0.0.1"]), addresses(["2001:db8::1"])
    ('ip.addr in {10.0.0.1, 10.0.0.2}', 'ipv6.addr==2001:db8::1')
    """
    first, *more = sorted(set(texts))
    if not more:
        return address(first)
    return f"{'ipv6.addr' if ':' in first else 'ip.addr'} in {{{', '.join((first, *more))}}}"


def port(number: int) -> str:
    """Select a TCP port."""
    return f"tcp.port=={number}"


def _frames(frames: Iterable[int]) -> tuple[str, ...]:
    numbers = sorted(set(frames))[:MOST_FRAMES]
    return (f"frame.number in {{{', '.join(map(str, numbers))}}}",) if numbers else ()


_NUMBERED = r"(?: && )?frame\.number in \{[^}]*\}"


def without_frames(finding: Finding) -> Finding:
    """Leave frame numbers out of a finding's filter: counted through several captures, they select nothing in any."""
    return replace(finding, display_filter=re.sub(_NUMBERED, "", finding.display_filter))
