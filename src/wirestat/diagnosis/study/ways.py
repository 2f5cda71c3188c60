"""Ways by which the packets of one host come: by several, or from several machines of one address, TTLs take turns.

A SYN-ACK, a reset or an acknowledgement with another TTL than the data tells of somebody else only where the server's
packets have one TTL of each kind. Where two links are used at once (ECMP, a bundle), or two machines serve an address
in turn, any kind comes with any of them, and a TTL tells nothing.
"""

from collections.abc import Collection

from wirestat.diagnosis.shown import figure, is_shown
from wirestat.model import Connection, Side
from wirestat.vocabulary import Fact

_SEVERAL = 2


def take_turns(one: Connection, others: Collection[Connection]) -> bool:
    """Say whether the server's TTLs take turns, on this connection or on others between the same ends."""
    alike = [other for other in others if other.client.address == one.client.address] or [one]
    if any(is_shown(other, Fact.TTL_TAKES_TURNS, Side.SERVER) for other in alike):
        return True
    opened = {ttl for other in alike if (ttl := _opened_with(other))}
    acknowledged = {ttl for other in alike if (ttl := figure(other, Fact.ACKS_FROM_ELSEWHERE, Side.SERVER))}
    went_on = {other.server.ttl for other in alike if other.server.bytes}
    return len(acknowledged) >= _SEVERAL or (len(opened) >= _SEVERAL and not opened.isdisjoint(went_on))


def was_served_with(ttl: int, one: Connection, others: Collection[Connection]) -> bool:
    """Say whether data of the server came to the same client with a TTL on another connection."""
    return any(
        other.id != one.id
        and other.client.address == one.client.address
        and other.server.bytes > 0
        and ttl in (other.server.ttl, _opened_with(other))
        for other in others
    )


def _opened_with(one: Connection) -> int | None:
    """Return the TTL of its SYN-ACK, where more of the server was captured."""
    if one.server.isn is None:
        return None
    return figure(one, Fact.SYN_ACK_TTL_DIFFERS, Side.SERVER) or (
        one.server.ttl if one.server.bytes else None
    )
