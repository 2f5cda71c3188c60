"""How ends closed their connections, for rules that compare one close with the others: each list is drawn once."""

from bisect import bisect_left, bisect_right

import msgspec

from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.common import Neighbours
from wirestat.diagnosis.study.idling import Idling
from wirestat.model import Connection, Side, Sighting
from wirestat.vocabulary import Fact

_CLOSES = (Fact.FIN_AFTER_IDLE, Fact.FIN_SENT)


class InVain(msgspec.Struct, frozen=True):
    """The FINs that a client sent in vain, and had to resend."""

    heard_ns: int
    """When it heard the last segment on any of its connections, in Unix ns; 0 where it heard nobody."""
    fins: list[tuple[int, str]]
    """When each was sent, in order, and to which host."""

    def hosts_between(self, from_ns: int, until_ns: int) -> int:
        """Count the hosts of FINs that were sent between two instants."""
        begin, end = bisect_left(self.fins, (from_ns, "")), bisect_right(self.fins, (until_ns + 1, ""))
        return len({host for _, host in self.fins[begin:end]})


class Closes:
    """Drawn when they are asked for; none where connections are too many to be gone through."""

    def __init__(self, neighbours: Neighbours) -> None:
        """Ask nothing yet."""
        self._neighbours = neighbours
        self._of_clients: dict[str, Idling] = {}
        self._of_servers: dict[tuple[str, int], Idling] = {}
        self._in_vain: dict[str, InVain] = {}
        self._answers: dict[tuple[str, int], list[int]] = {}
        self._left: dict[tuple[str, int], list[int]] = {}

    def by_client(self, address: str) -> Idling:
        """Return after which silences a client closed its connections."""
        if address not in self._of_clients:
            self._of_clients[address] = Idling(_closes(self._neighbours.of_client(address), Side.CLIENT))
        return self._of_clients[address]

    def by_server(self, socket: tuple[str, int]) -> Idling:
        """Return after which silences a server closed the connections of a socket."""
        if socket not in self._of_servers:
            self._of_servers[socket] = Idling(_closes(self._neighbours.of(socket), Side.SERVER))
        return self._of_servers[socket]

    def in_vain(self, client: str) -> InVain:
        """Return the FINs that a client sent in vain."""
        if client not in self._in_vain:
            own = self._neighbours.of_client(client)
            fins = [(sent, one.server.address) for one in own if (sent := _sent_in_vain(one)) is not None]
            heard = max((one.server.last_time_ns or 0 for one in own), default=0)
            self._in_vain[client] = InVain(heard, sorted(fins))
        return self._in_vain[client]

    def answered_within(self, socket: tuple[str, int], within_ns: int) -> int:
        """Count the connections of a socket on which the server's words came so soon after the client's FIN."""
        if socket not in self._answers:
            after = map(_answered_after_ns, self._neighbours.of(socket))
            self._answers[socket] = sorted(each for each in after if each is not None and each >= 0)
        return bisect_right(self._answers[socket], within_ns)

    def left_about(self, socket: tuple[str, int], waited_ns: int) -> int:
        """Count the connections of a socket whose client left after so long without an answer, but for a fiftieth."""
        if socket not in self._left:
            seen = (sighting(one, Fact.WORDS_UNANSWERED, Side.CLIENT) for one in self._neighbours.of(socket))
            self._left[socket] = sorted(one.figure for one in seen if one is not None and one.figure)
        left, part = self._left[socket], waited_ns // 50
        return bisect_right(left, waited_ns + part) - bisect_left(left, waited_ns - part)


def _answered_after_ns(one: Connection) -> int | None:
    """Return how long after the client's FIN the server spoke, in ns."""
    left = sighting(one, Fact.FIN_SENT, Side.CLIENT)
    spoke = sighting(one, Fact.DATA_AFTER_PEER_FIN, Side.SERVER)
    return None if left is None or spoke is None else spoke.time_ns - left.time_ns


def _closes(connections: list[Connection], side: Side) -> list[tuple[int, Sighting]]:
    return [
        (one.id, seen)
        for one in connections
        for seen in one.facts
        if seen.fact in _CLOSES and seen.endpoint is side
    ]


def _sent_in_vain(one: Connection) -> int | None:
    """Return when a client sent a FIN that it had to resend, in Unix ns."""
    if sighting(one, Fact.FIN_RESENT, Side.CLIENT) is None:
        return None
    sent = sighting(one, Fact.FIN_SENT, Side.CLIENT)
    return None if sent is None else sent.time_ns
