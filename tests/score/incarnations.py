"""Assigns segments to incarnations of a pair of endpoints, by the client's initial sequence numbers."""

from __future__ import annotations

from collections import defaultdict

from tests.lab.frames import Flag

from .journeys import Journey, Travels
from .truth import Address, TrueConnection, Truth
from .witnesses import NOISE_NS

FAR = 1 << 30
"""Sequence numbers this far behind the first are not of that incarnation."""


class Incarnations:
    """The initial sequence numbers of the clients whose addresses and ports were used more than once."""

    def __init__(self, truth: Truth, travels: Travels) -> None:
        """Take the first SYN that each client sent in SYN_SENT; one that was lost before the tap is sent again."""
        self._ends_ns = truth.end_ns
        siblings: dict[tuple[Address, Address], list[TrueConnection]] = defaultdict(list)
        for each in truth.connections:
            siblings[each.ends[0].address, each.ends[1].address].append(each)
        self._numbers: dict[TrueConnection, int] = {}
        self._siblings: dict[TrueConnection, list[TrueConnection]] = {}
        syns = [j for j in travels.journeys if j.toward == "server" and _is_syn(j) and j.sent_ns is not None]
        syns.sort(key=lambda j: j.sent_ns or 0)
        for (client, server), family in siblings.items():
            if len(family) < 2:
                continue
            mine = [j for j in syns if (j.frame.source, j.frame.source_port) == client]
            mine = [j for j in mine if (j.frame.destination, j.frame.destination_port) == server]
            self._number(family, mine)

    def _number(self, family: list[TrueConnection], syns: list[Journey]) -> None:
        taken: set[int] = set()
        for connection in family:
            self._siblings[connection] = family
            moves = connection.ends[0].moves
            if not moves or moves[0].after != "SYN_SENT":
                continue
            since_ns = moves[0].time_ns - NOISE_NS
            until_ns = moves[1].time_ns + NOISE_NS if len(moves) > 1 else self._ends_ns
            fitting = (j.frame.seq for j in syns if since_ns <= (j.sent_ns or 0) <= until_ns)
            number = next((seq for seq in fitting if seq not in taken), None)
            if number is not None:
                taken.add(number)
                self._numbers[connection] = number

    def began_with(self, candidates: list[TrueConnection], number: int | None) -> TrueConnection | None:
        """The candidate whose client has this initial sequence number."""
        return next((c for c in candidates if number is not None and self._numbers.get(c) == number), None)

    def owner(self, connection: TrueConnection, journey: Journey) -> TrueConnection | None:
        """The incarnation that a segment belongs to: the one whose initial sequence number is nearest before its own.

        ``None`` if the numbers do not tell.
        """
        frame = journey.frame
        if journey.toward == "client" and not frame.flags & Flag.ACK:
            return None
        said = frame.seq if journey.toward == "server" else frame.ack
        family = [c for c in self._siblings.get(connection, ()) if c in self._numbers]
        distances = [((said - self._numbers[c]) % 2**32, c) for c in family]
        distance, nearest = min(distances, key=lambda each: each[0], default=(FAR, connection))
        return nearest if distance < FAR else None


def _is_syn(journey: Journey) -> bool:
    return bool(
        journey.frame.is_tcp and journey.frame.flags & Flag.SYN and not journey.frame.flags & Flag.ACK
    )
