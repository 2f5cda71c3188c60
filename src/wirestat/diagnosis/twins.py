"""Connections that are in a capture twice, before and behind a translation of addresses, and parts of them that left
untranslated.

Two connections are one where both initial sequence numbers are the same: chance makes that once in 2⁶⁴. A part that
left untranslated is known by its ports: it begins in the midst of a connection that shares one socket and the other
port with it, and says next to nothing.
"""

from collections import defaultdict
from functools import cached_property

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.model import Connection
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

Pair = tuple[Connection, Connection]
_APART = SECOND
"""Both sides of one translation are captured within this time."""
_BRIEF = 6
"""A part that left untranslated has no more segments than this."""


class Twins:
    """Both kinds, drawn when they are first asked for; only where connections are few enough to be gone through."""

    def __init__(self, analysis: Analysis) -> None:
        """Ask nothing yet."""
        self._analysis = analysis

    @cached_property
    def pairs(self) -> list[Pair]:
        """The same connections under other addresses, each with its twin, which was captured later."""
        alike: defaultdict[tuple[int, int], list[Connection]] = defaultdict(list)
        for connection in self._all:
            client, server = connection.client, connection.server
            if client.isn is not None and server.isn is not None and not _has(connection, Fact.MID_STREAM):
                alike[client.isn, server.isn].append(connection)
        # A stack whose first numbers are always the same shows more than two.
        pairs = [(two[0], two[1]) for two in alike.values() if len(two) == len(("before", "behind"))]
        return [(first, second) for first, second in pairs if _are_one(first, second)]

    @cached_property
    def parts(self) -> dict[int, Connection]:
        """What left untranslated, by the id of the connection that it belongs to."""
        whole: defaultdict[tuple[str, int, int], list[Connection]] = defaultdict(list)
        brief = []
        for connection in self._all:
            if connection.client.isn is not None:
                for key in _keys(connection):
                    whole[key].append(connection)
            elif connection.client.frames + connection.server.frames <= _BRIEF:
                brief.append(connection)
        found = {}
        for part in brief:
            belongs = [
                other
                for key in _keys(part)
                for other in whole.get(key, ())
                if _sockets(other) != _sockets(part)
                and other.first_time_ns < part.first_time_ns <= other.last_time_ns
            ]
            if len(belongs) == 1:
                found[belongs[0].id] = part
        return found

    @property
    def _all(self) -> list[Connection]:
        return list(self._analysis.connections()) if is_few(self._analysis) else []


def _are_one(first: Connection, second: Connection) -> bool:
    """Say whether they differ in an address, and neither in time nor in what was said."""
    hosts, others = ({one.client.address, one.server.address} for one in (first, second))
    said, again = ((one.client.bytes, one.server.bytes) for one in (first, second))
    return hosts != others and said == again and second.first_time_ns - first.first_time_ns <= _APART


def _has(connection: Connection, fact: Fact) -> bool:
    return any(seen.fact is fact for seen in connection.facts)


def _sockets(connection: Connection) -> frozenset[tuple[str, int]]:
    """Return both sockets, whichever is the client: one segment alone does not tell."""
    client, server = connection.client, connection.server
    return frozenset({(client.address, client.port), (server.address, server.port)})


def _keys(connection: Connection) -> tuple[tuple[str, int, int], ...]:
    """Return what a connection has in common with a part of it of which one address is another."""
    client, server = connection.client, connection.server
    return (client.address, client.port, server.port), (server.address, server.port, client.port)
