"""How ends closed their connections, for rules that compare one close with the others (``case.of_socket``)."""

from bisect import bisect_left, bisect_right

import msgspec

from wirestat.diagnosis.shown import is_shown, sighting
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


def by_client(connections: list[Connection]) -> Idling:
    """Study after which silences a client closed its connections."""
    return Idling(_closes(connections, Side.CLIENT))


def by_server(connections: list[Connection]) -> Idling:
    """Study after which silences a server closed the connections of a socket."""
    return Idling(_closes(connections, Side.SERVER))


def in_vain(connections: list[Connection]) -> InVain:
    """Return the FINs that a client sent in vain."""
    fins = [(sent, one.server.address) for one in connections if (sent := _sent_in_vain(one)) is not None]
    return InVain(max((one.server.last_time_ns or 0 for one in connections), default=0), sorted(fins))


def answered_after(connections: list[Connection]) -> list[int]:
    """Return how long after the client's FIN the server spoke, where it did, in order, in ns."""
    after = map(_answered_after_ns, connections)
    return sorted(each for each in after if each is not None and each >= 0)


def waits_in_vain(connections: list[Connection]) -> list[int]:
    """Return how long clients waited for an answer that did not come, before they left, in order, in ns."""
    seen = (sighting(one, Fact.WORDS_UNANSWERED, Side.CLIENT) for one in connections)
    return sorted(one.figure or 0 for one in seen if one is not None)


def resets_in_vain(connections: list[Connection]) -> list[int]:
    """Return how long clients whose request was acknowledged, and nothing else, waited until they reset, in order, in
    ns."""
    waits = map(reset_in_vain_ns, connections)
    return sorted(waited for waited in waits if waited is not None)


def reset_in_vain_ns(one: Connection) -> int | None:
    """Return how long after the server's last acknowledgement a client reset that was never answered, in ns."""
    client, server = one.client, one.server
    reset = sighting(one, Fact.RST_ABORTS, Side.CLIENT)
    if reset is None or not client.bytes or server.bytes or client.unacknowledged_bytes:
        return None
    is_unfit = any(is_shown(one, fact, Side.SERVER) for fact in (Fact.FIN_SENT, Fact.RST_SENT))
    if is_unfit or is_shown(one, Fact.WORDS_UNANSWERED, Side.CLIENT) or not server.last_time_ns:
        return None
    return max(0, reset.time_ns - server.last_time_ns)


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
