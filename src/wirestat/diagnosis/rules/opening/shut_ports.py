"""Ports of a host that answer no SYN of a client, while a connection of theirs to another of its ports goes on."""

from bisect import bisect_left
from collections import Counter
from itertools import accumulate
from typing import NamedTuple

from wirestat.diagnosis.case import Case
from wirestat.model import Connection
from wirestat.words import some

_SEVERAL = 2
"""So many ports are shut by one filter, one port by whatever stands behind it."""
_FTP = 21
"""The port of its commands (RFC 959)."""


class Shut(NamedTuple):
    """The ports of a host, as a client's connections to it tell."""

    open_port: int
    """The port on which a connection went on meanwhile."""
    ports: int
    """How many of the others were asked meanwhile, and answered nothing ever."""

    @property
    def is_ftp(self) -> bool:
        """Whether it is the port on which FTP names others for its data (RFC 959, PASV)."""
        return self.open_port == _FTP

    def __str__(self) -> str:
        """Tell of it in a sentence."""
        named = (
            " FTP names ports on it for its data (passive mode): a filter that does not follow these drops them."
            if self.is_ftp
            else ""
        )
        return (
            f" Meanwhile a connection of the client to port {self.open_port} of this host went on; "
            f"{some(self.ports, 'other port')} that the client asked in that time answered nothing at all.{named}"
        )


def shut_amid_a_talk(case: Case) -> Shut | None:
    """Say whether the connection asks one of several ports that are shut, while another port serves the client."""
    open_port = case.between_hosts(_open_ports).get(case.connection.id)
    if open_port is None:
        return None
    count = case.between_hosts(_shut_ports)[open_port]
    return Shut(open_port, count) if count >= _SEVERAL else None


def _open_ports(connections: list[Connection]) -> dict[int, int]:
    """Return those asked in vain of ports that never answer, each with the port that served the client meanwhile."""
    answered = {one.server.port for one in connections if one.server.last_time_ns is not None}
    talks = sorted(
        (one.first_time_ns, last, one.server.port)
        for one in connections
        if one.server.bytes and (last := one.server.last_time_ns) is not None
    )
    begun = [first for first, _, _ in talks]
    lasting = list(accumulate(((last, port) for _, last, port in talks), max))
    found = {}
    for one in connections:
        place = bisect_left(begun, one.first_time_ns)
        is_mute = one.client.isn is not None and one.client.frames > 1 and one.server.port not in answered
        if is_mute and place and lasting[place - 1][0] > one.first_time_ns:
            found[one.id] = lasting[place - 1][1]
    return found


def _shut_ports(connections: list[Connection]) -> Counter[int]:
    """Count the ports that are shut, by the port that served the client meanwhile."""
    found = _open_ports(connections)
    return Counter(
        open_port
        for open_port, _ in {(found[one.id], one.server.port) for one in connections if one.id in found}
    )
