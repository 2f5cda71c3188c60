"""Where a finding is, of how many connections there, and since when: what its first line says beside its title."""

from collections.abc import Collection, Iterable
from contextlib import suppress

import msgspec

from wirestat.diagnosis.analysis import Analysis
from wirestat.model import Connection, Sighting
from wirestat.summary import Listener
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_STALLS = frozenset({Fact.STALLED, Fact.STALLED_BRIEFLY})
"""Facts that show when what they tell of is over, with its length for a figure."""


class Place(msgspec.Struct, frozen=True):
    """Where, of how many, since when."""

    where: str = ""
    """A socket; a host or a number of servers, where there are several."""
    of: int | None = None
    """How many connections the socket had, where it is one."""
    since_ns: int | None = None
    """When the first of the evidence was captured, in Unix ns."""


NOWHERE = Place()


def place_of(
    analysis: Analysis, evidence: Collection[tuple[Connection, tuple[int, ...]]], more: int = 0
) -> Place:
    """Return the place of what these connections show, each in some frames.

    ``more`` connections are known by number alone: nobody knows to which sockets they are.
    """
    if not evidence:
        return NOWHERE
    since = min(_since(connection, frames) for connection, frames in evidence)
    sockets = {(one.server.address, one.server.port) for one, _ in evidence}
    if len(sockets) == 1 and not more:
        ((address, port),) = sockets
        return Place(socket(address, port), _connections(analysis, address, port), since)
    hosts = {address for address, _ in sockets}
    if len(hosts) > 1:
        return Place("several servers" if more else some(len(hosts), "server"), None, since)
    where = hosts.pop()
    return Place(where if more else f"{where}, {some(len(sockets), 'port')}", None, since)


def place_of_listener(listener: Listener) -> Place:
    """Return the place of what is said of a listening socket."""
    return Place(socket(listener.address, listener.port), listener.connections)


def place_of_examples(analysis: Analysis, ids: Iterable[int], *, are_all: bool) -> Place:
    """Return the place of these connections, and of others like them where they are but some."""
    connections = []
    for id in ids:
        with suppress(KeyError):  # a listener outlives the connections that were let go
            connections.append((analysis.connection(id), ()))
    return place_of(analysis, connections, more=0 if are_all else 1)


def _connections(analysis: Analysis, address: str, port: int) -> int | None:
    listeners = analysis.summary.listeners
    return next(
        (item.connections for item in listeners if (item.address, item.port) == (address, port)), None
    )


def _since(connection: Connection, frames: tuple[int, ...]) -> int:
    """Return the time of the first of these frames that the history of a connection knows.

    A stall shows when it is over, and began as long before as it took.
    """
    known = {connection.first_frame: connection.first_time_ns, connection.last_frame: connection.last_time_ns}
    known.update((seen.frame, seen.time_ns - _took(seen)) for seen in connection.facts)
    known.update((step.frame, step.time_ns) for step in connection.transitions)
    return min((known[frame] for frame in frames if frame in known), default=connection.first_time_ns)


def _took(seen: Sighting) -> int:
    return seen.figure or 0 if seen.fact in _STALLS else 0
