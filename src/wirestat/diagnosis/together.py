"""Several connections in one judgement: how many, some of them to look at, and a filter for all of one socket."""

from collections.abc import Sequence
from typing import TypedDict

from wirestat.diagnosis import filters
from wirestat.model import Connection

SHOWN = 8
"""So many of them are named."""
_FRAMES = 64
"""Frames that are named at most of connections that are many by nature: a scan, a flood."""


class Counted(TypedDict):
    """The fields of ``Overall`` that say how many connections it speaks of, and name some."""

    frames: tuple[int, ...]
    count: int
    examples: tuple[int, ...]


class Absorbed(TypedDict):
    """The fields of ``Overall`` that name some connections, and include what else is said of each."""

    frames: tuple[int, ...]
    examples: tuple[int, ...]
    absorbs: frozenset[int]


class Together(Counted):
    """These, and how to select all of them."""

    display_filter: str


def counted(connections: Sequence[Connection]) -> Counted:
    """Count connections, and name the first of them."""
    shown = connections[:SHOWN]
    return Counted(
        frames=tuple(one.first_frame for one in shown),
        count=len(connections),
        examples=tuple(one.id for one in shown),
    )


def absorbed(connections: Sequence[Connection]) -> Absorbed:
    """Name the first of connections that have nothing to say but their number, and frames of more of them."""
    return Absorbed(
        frames=tuple(sorted(one.first_frame for one in connections)[:_FRAMES]),
        examples=tuple(sorted(one.id for one in connections)[:SHOWN]),
        absorbs=frozenset(one.id for one in connections),
    )


def of_connections(connections: Sequence[Connection], *, by_port: bool = True) -> Together:
    """Name connections to a socket, at least one.

    The filter selects them by their clients' ports, or else the whole socket.
    """
    server = connections[0].server
    ports = [one.client.port for one in connections] if by_port else ()
    return Together(
        **counted(connections), display_filter=filters.of_server(server.address, server.port, ports)
    )
