"""Several connections in one judgement: how many, some of them to look at, and a filter for all of one socket."""

from collections.abc import Sequence
from typing import TypedDict

from wirestat.diagnosis import filters
from wirestat.model import Connection

SHOWN = 8
"""So many of them are named."""


class Counted(TypedDict):
    """The fields of ``Overall`` that say how many connections it speaks of, and name some."""

    frames: tuple[int, ...]
    count: int
    examples: tuple[int, ...]


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


def of_connections(connections: Sequence[Connection], *, by_port: bool = True) -> Together:
    """Name connections to a socket, at least one.

    The filter selects them by their clients' ports, or else the whole socket.
    """
    server = connections[0].server
    ports = [one.client.port for one in connections] if by_port else ()
    return Together(
        **counted(connections), display_filter=filters.of_server(server.address, server.port, ports)
    )
