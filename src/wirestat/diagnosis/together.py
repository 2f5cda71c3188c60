"""Several connections to one socket in a judgement: how many, some of them to look at, and a filter for all."""

from collections.abc import Sequence
from typing import TypedDict

from wirestat.diagnosis import filters
from wirestat.model import Connection

_SHOWN = 8
"""So many of them are named."""


class Together(TypedDict):
    """The fields of ``Overall`` that say which connections it speaks of."""

    frames: tuple[int, ...]
    display_filter: str
    count: int
    examples: tuple[int, ...]


def of_connections(connections: Sequence[Connection], *, by_port: bool = True) -> Together:
    """Name connections to a socket, at least one.

    The filter selects them by their clients' ports, or else the whole socket.
    """
    server = connections[0].server
    ports = [one.client.port for one in connections] if by_port else ()
    return Together(
        frames=tuple(one.first_frame for one in connections[:_SHOWN]),
        display_filter=filters.of_server(server.address, server.port, ports),
        count=len(connections),
        examples=tuple(one.id for one in connections[:_SHOWN]),
    )
