"""Pairs of connections that are one, as findings group, count and name them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypedDict

from wirestat.diagnosis.study.twins import Pair
from wirestat.model import Connection
from wirestat.words import socket

_SHOWN = 4
"""So many pairs are named; the others are counted."""


class Counted(TypedDict):
    """The fields of ``Overall`` that say how many connections there are, and name some."""

    count: int
    examples: tuple[int, ...]


def by_sockets(pairs: Iterable[Pair]) -> list[list[Pair]]:
    """Group pairs by the servers' sockets of both."""
    groups: defaultdict[tuple[str, ...], list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[tuple(map(server_of, pair))].append(pair)
    return list(groups.values())


def counted(pairs: list[Pair]) -> Counted:
    """Count the connections of pairs, and name the first of them."""
    return Counted(count=2 * len(pairs), examples=tuple(one.id for pair in pairs[:_SHOWN] for one in pair))


def sockets(pair: Pair) -> list[tuple[str, int]]:
    """Return the servers' sockets of both, once where they are the same."""
    return list(dict.fromkeys((one.server.address, one.server.port) for one in pair))


def server_of(connection: Connection) -> str:
    """Write the server's address and port."""
    return socket(connection.server.address, connection.server.port)


def client_of(connection: Connection) -> str:
    """Write the client's address and port."""
    return socket(connection.client.address, connection.client.port)
