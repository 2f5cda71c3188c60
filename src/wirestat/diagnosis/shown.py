"""Facts of any connection, the one that a rule judges or another."""

from collections.abc import Collection

from wirestat.model import Connection, Endpoint, Side, Sighting
from wirestat.vocabulary import Fact


def sighting(one: Connection, fact: Fact, side: Side | None = None) -> Sighting | None:
    """Return when and where a fact showed first; ``side`` is the end that it is about, if only one matters."""
    for seen in one.facts:  # asked very often: generators take three times as long
        if seen.fact is fact and (side is None or seen.endpoint is side):
            return seen
    return None


def is_shown(one: Connection, fact: Fact, side: Side | None = None) -> bool:
    """Say whether a fact is on record, about this end if one is given."""
    return sighting(one, fact, side) is not None


def let_go(one: Connection, side: Side) -> Sighting | None:
    """Return when and where an end closed or reset, whichever came first."""
    ends = (sighting(one, fact, side) for fact in (Fact.FIN_SENT, Fact.RST_SENT))
    return min((seen for seen in ends if seen), key=lambda seen: seen.moment, default=None)


def closed_first(one: Connection, side: Side) -> bool:
    """Say whether an end sent its FIN before the other did, if that did at all."""
    own = sighting(one, Fact.FIN_SENT, side)
    other = sighting(one, Fact.FIN_SENT, Side.SERVER if side is Side.CLIENT else Side.CLIENT)
    return own is not None and (other is None or own.moment < other.moment)


def began_within_ns(connections: Collection[Connection]) -> int:
    """Return the time from the beginning of the first of them to that of the last, in ns."""
    began = [one.first_time_ns for one in connections]
    return max(began) - min(began)


def opened_ns(connections: Collection[Connection]) -> list[int]:
    """Return when connections were acknowledged by their client after the SYN-ACK, in order, in Unix ns."""
    return sorted(one.first_time_ns + one.connect_ns for one in connections if one.connect_ns is not None)


def ends_from(one: Connection, side: Side) -> tuple[Endpoint, Endpoint]:
    """Return both ends, that of ``side`` first."""
    return (one.client, one.server) if side is Side.CLIENT else (one.server, one.client)


def round_trips_ns(one: Connection, count: int, least_ns: int) -> int:
    """Return how long so many round trips take, in ns, by the handshake's; at least ``least_ns``."""
    return max(count * (one.handshake_rtt_ns or 0), least_ns)


def figure(one: Connection, fact: Fact, side: Side | None = None) -> int | None:
    """Return the number of that sighting; ``None`` where there is no such fact, or it has no number."""
    seen = sighting(one, fact, side)
    return None if seen is None else seen.figure
