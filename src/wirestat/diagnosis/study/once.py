"""Once for all: a rule that compares each connection with the others of its socket or client draws a list once.

To go through the others again for each connection takes time that grows with the square of their number: an outage
with thousands of alike connections would keep the reader waiting.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from wirestat.diagnosis.study.common import Neighbours
from wirestat.model import Connection

T = TypeVar("T")


class Once:
    """The results for the connections of a socket, of a client, or between both, by the function that drew them.

    A function gets no connections where they are too many to go through.
    """

    def __init__(self, neighbours: Neighbours) -> None:
        """Draw nothing yet."""
        self._neighbours = neighbours
        self._drawn: dict[tuple[object, Callable[..., Any]], Any] = {}

    def of_socket(self, socket: tuple[str, int], draw: Callable[[list[Connection]], T]) -> T:
        """Return what a function makes of all connections to a socket."""
        return self._ask(socket, draw, self._neighbours.of(socket))

    def of_client(self, address: str, draw: Callable[[list[Connection]], T]) -> T:
        """Return what a function makes of all connections of a client."""
        return self._ask(address, draw, self._neighbours.of_client(address))

    def of_both(self, client: str, socket: tuple[str, int], draw: Callable[[list[Connection]], T]) -> T:
        """Return what a function makes of all connections of a client to a socket."""
        return self._ask((client, socket), draw, self._neighbours.of_both(client, socket))

    def between(self, client: str, server: str, draw: Callable[[list[Connection]], T]) -> T:
        """Return what a function makes of all connections of a client to a server's host."""
        return self._ask((client, server), draw, self._neighbours.between(client, server))

    def _ask(self, whose: object, draw: Callable[[list[Connection]], T], connections: list[Connection]) -> T:
        if (whose, draw) not in self._drawn:
            self._drawn[whose, draw] = draw(connections)
        drawn: T = self._drawn[whose, draw]
        return drawn
