"""Where the tap stands, by the two halves of a handshake's round trip.

The SYN-ACK follows the SYN at once where the tap is at the server, and the ACK follows the SYN-ACK at once where it
is at the client. A handshake of which anything was sent again tells nothing.
"""

from collections import defaultdict
from functools import cached_property

from wirestat.diagnosis.analysis import Analysis
from wirestat.model import Connection, Side, State
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_NEAR = 10
"""At an end, its half of the round trip is so many times shorter than the other."""
_AT_ONCE = 2 * MILLISECOND
"""No host that is further away answers within this time."""
_UNFIT = {
    Fact.SYN_RESENT,
    Fact.MID_STREAM,
    Fact.ONE_WAY,
    Fact.SYN_MISSING,
    Fact.FRAMES_DUPLICATED,
    Fact.REORDERED_BY_TAP,
}


def place(connection: Connection) -> Side | None:
    """Return the end that the tap is at; ``None`` where it is between them, or the handshake does not tell."""
    round_trip = connection.handshake_rtt_ns
    if not round_trip or any(seen.fact in _UNFIT for seen in connection.facts):
        return None
    asked, opened = (_entered(connection, state) for state in (State.SYN_SENT, State.ESTABLISHED))
    if asked is None or opened is None:
        return None
    to_server = opened - asked
    to_client = round_trip - to_server
    if 0 <= to_server < _AT_ONCE and to_server * _NEAR < to_client:
        return Side.SERVER
    if 0 <= to_client < _AT_ONCE and to_client * _NEAR < to_server:
        return Side.CLIENT
    return None


def _entered(connection: Connection, state: State) -> int | None:
    """Return when the client entered a state, as far as that is believed, in ns."""
    steps = connection.transitions
    return next(
        (
            step.time_ns
            for step in steps
            if step.endpoint is Side.CLIENT and step.to is state and step.retracted_by is None
        ),
        None,
    )


class Taps:
    """The same for pairs of hosts, by those connections between them that tell it: drawn when it is needed."""

    def __init__(self, analysis: Analysis) -> None:
        """Ask nothing yet."""
        self._analysis = analysis

    def between(self, connection: Connection) -> Side | None:
        """Return the end of a connection that the tap is at, as other connections of the same two hosts tell."""
        told = self._places.get((connection.client.address, connection.server.address), set())
        return next(iter(told)) if len(told) == 1 else None

    @cached_property
    def _places(self) -> dict[tuple[str, str], set[Side]]:
        places: defaultdict[tuple[str, str], set[Side]] = defaultdict(set)
        for signature in self._analysis.summary.signatures:
            opened = Fact.SENT_DATA in signature.client_facts | signature.server_facts
            if not opened or (signature.facts | signature.client_facts | signature.server_facts) & _UNFIT:
                continue
            for example in signature.examples:
                connection = self._analysis.connection(example)
                if (side := place(connection)) is not None:
                    places[connection.client.address, connection.server.address].add(side)
        return places
