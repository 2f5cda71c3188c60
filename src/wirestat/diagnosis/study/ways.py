"""Ways by which the packets of one host come: by several, or from several machines of one address, TTLs take turns.

A SYN-ACK, a reset or an acknowledgement with another TTL than the data tells of somebody else only where the server's
packets have one TTL of each kind. Where two links are used at once (ECMP, a bundle), or two machines serve an address
in turn, any kind comes with any of them, and a TTL tells nothing.
"""

from collections import Counter
from collections.abc import Sequence

from wirestat.diagnosis.shown import figure, is_shown
from wirestat.model import Connection, Side
from wirestat.vocabulary import Fact

_SEVERAL = 2
"""One that is answered, or goes on, may be so by chance."""


class Ways:
    """The server's TTLs on the connections of one client to its socket."""

    def __init__(self, alike: Sequence[Connection]) -> None:
        """Study them."""
        self.take_turns = _take_turns(alike)
        """Whether they take turns."""
        self._served = Counter(ttl for one in alike for ttl in _served_with(one))

    def served_beside(self, one: Connection, ttl: int) -> bool:
        """Say whether data of the server came with a TTL on another of the connections."""
        return self._served[ttl] > (ttl in _served_with(one))


def ways(alike: Sequence[Connection]) -> Ways | None:
    """Study the connections of one client to a socket, if there are any to be gone through."""
    return Ways(alike) if alike else None


def _take_turns(alike: Sequence[Connection]) -> bool:
    if any(is_shown(one, Fact.TTL_TAKES_TURNS, Side.SERVER) for one in alike):
        return True
    opened = {ttl for one in alike if (ttl := _opened_with(one))}
    acknowledged = {ttl for one in alike if (ttl := figure(one, Fact.ACKS_FROM_ELSEWHERE, Side.SERVER))}
    went_on = {one.server.ttl for one in alike if one.server.bytes}
    return len(acknowledged) >= _SEVERAL or (len(opened) >= _SEVERAL and not opened.isdisjoint(went_on))


def _served_with(one: Connection) -> set[int | None]:
    """Return the TTLs of the server's packets, where it sent data."""
    return {one.server.ttl, _opened_with(one)} if one.server.bytes > 0 else set()


def _opened_with(one: Connection) -> int | None:
    """Return the TTL of its SYN-ACK, where more of the server was captured."""
    if one.server.isn is None:
        return None
    return figure(one, Fact.SYN_ACK_TTL_DIFFERS, Side.SERVER) or (
        one.server.ttl if one.server.bytes else None
    )
