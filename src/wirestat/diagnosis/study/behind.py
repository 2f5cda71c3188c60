"""Sockets behind a socket: a proxy asks its backend as it accepts a client."""

from bisect import bisect_left
from collections import defaultdict
from functools import cached_property

import msgspec

from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.diagnosis.study.common import Neighbours
from wirestat.diagnosis.study.once import Once
from wirestat.model import Connection, Side
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_WITHIN = 5 * MILLISECOND
"""A proxy asks its backend this soon."""
_EACH = 3
"""Fewer connects that follow others are chance."""
_TRIES = 64
"""So many tell whether each had another behind it."""
_RARE = 10
"""Connects fall beside others by chance less often than once in so many times."""


class Backend(msgspec.Struct, frozen=True):
    """Where a proxy asked in vain."""

    client: str
    """The address from which it asked."""
    socket: tuple[str, int]


class _HungUp(msgspec.Struct, frozen=True):
    """A connection that a server accepted and closed without a word."""

    client: str
    accepted_ns: int
    closed_ns: int


class Behind:
    """Drawn when it is first asked for; empty where connections are too many to go through."""

    def __init__(self, neighbours: Neighbours, once: Once) -> None:
        """Ask nothing yet."""
        self._neighbours = neighbours
        self._once = once
        self._found: dict[tuple[str, int], Backend | None] = {}

    def asked_in_vain(self, socket: tuple[str, int]) -> Backend | None:
        """Return the socket that was asked in vain each time when a socket accepted whom it hung up on."""
        if socket not in self._found:
            self._found[socket] = self._behind(socket)
        return self._found[socket]

    def _behind(self, socket: tuple[str, int]) -> Backend | None:
        hung_up = self._once.of_socket(socket, _hung_up)
        if len(hung_up) < _EACH:
            return None
        asked = set.intersection(*(self._asked_then(one) for one in hung_up))
        return next((one for one in sorted(asked, key=_order) if self._is_rare(one)), None)

    def _asked_then(self, one: _HungUp) -> set[Backend]:
        """Return those that were asked as a connection was accepted, by another than its client, until its end."""
        first, last = (bisect_left(self._times, one.accepted_ns + after) for after in (0, _WITHIN))
        return {
            _backend(each)
            for each in self._in_vain[first:last]
            if each.client.address != one.client and each.last_time_ns <= one.closed_ns + _WITHIN
        }

    def _is_rare(self, backend: Backend) -> bool:
        """Say whether it is asked too seldom to be asked at those instants by chance."""
        asked = self._by_backend[backend]
        return len(asked) * _WITHIN * _RARE <= asked[-1] - asked[0]

    @cached_property
    def _in_vain(self) -> list[Connection]:
        return sorted(filter(_is_in_vain, self._neighbours.every()), key=lambda one: one.first_time_ns)

    @cached_property
    def _by_backend(self) -> dict[Backend, list[int]]:
        found: defaultdict[Backend, list[int]] = defaultdict(list)
        for one in self._in_vain:
            found[_backend(one)].append(one.first_time_ns)
        return found

    @cached_property
    def _times(self) -> list[int]:
        return [one.first_time_ns for one in self._in_vain]


def _order(backend: Backend) -> tuple[str, str, int]:
    return backend.client, *backend.socket


def _backend(one: Connection) -> Backend:
    return Backend(one.client.address, (one.server.address, one.server.port))


def _is_in_vain(one: Connection) -> bool:
    """Say whether a connect was refused, or never answered."""
    if one.client.isn is None or one.connect_ns is not None:
        return False
    return is_shown(one, Fact.REFUSED) or one.server.first_time_ns is None


def _hung_up(connections: list[Connection]) -> list[_HungUp]:
    """Return those that a server accepted and closed without a word, a number of them."""
    found = []
    for one in connections:
        closed = sighting(one, Fact.FIN_SENT, Side.SERVER)
        if closed is None or one.connect_ns is None or one.server.bytes:
            continue
        own = sighting(one, Fact.FIN_SENT, Side.CLIENT)
        if own is None or own.time_ns > closed.time_ns:
            found.append(_HungUp(one.client.address, one.first_time_ns + one.connect_ns, closed.time_ns))
    return found[:_TRIES]
