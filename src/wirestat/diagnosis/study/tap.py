"""Where the tap stands, by the two halves of a handshake's round trip.

The SYN-ACK follows the SYN at once where the tap is at the server, and the ACK follows the SYN-ACK at once where it
is at the client. A handshake of which anything was sent again tells nothing.
"""

from collections import defaultdict
from functools import cached_property

import msgspec

from wirestat.diagnosis.analysis import Analysis
from wirestat.model import Confidence, Connection, Side, State
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_NEAR = 10
"""At an end, its half of the round trip is so many times shorter than the other."""
_AT_ONCE = 2 * MILLISECOND
"""No host that is further away answers within this time."""
_FARTHEST = 10 * SECOND
"""No host is so far away: a clock that leaps, or a host that did not answer at once."""
_INITIAL = (32, 64, 128, 255)
"""The TTLs and hop limits that hosts send: no router has lowered them yet."""
_SEVERAL = 3
"""So many handshakes that agree are no accident."""
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
    halves = _halves(connection)
    return None if halves is None else _nearer(*halves)


def _nearer(to_server: int, to_client: int) -> Side | None:
    if 0 <= to_server < _AT_ONCE and to_server * _NEAR < to_client:
        return Side.SERVER
    if 0 <= to_client < _AT_ONCE and to_client * _NEAR < to_server:
        return Side.CLIENT
    return None


def _halves(connection: Connection) -> tuple[int, int] | None:
    """Return the two halves of the handshake's round trip, to the server and to the client, in ns."""
    round_trip = connection.handshake_rtt_ns
    if not round_trip or any(seen.fact in _UNFIT for seen in connection.facts):
        return None
    asked, opened = (_entered(connection, state) for state in (State.SYN_SENT, State.ESTABLISHED))
    if asked is None or opened is None:
        return None
    return opened - asked, round_trip - (opened - asked)


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


class Tap(msgspec.Struct, frozen=True):
    """Where the tap stands on the path of two hosts."""

    side: Side | None
    """The end that it is at; ``None`` where it is between them."""
    confidence: Confidence
    to_client_ns: int
    """The shortest time from a SYN-ACK to its ACK, at the tap."""
    to_server_ns: int
    """The shortest time from a SYN to its SYN-ACK, at the tap."""
    handshakes: int


class _Handshake(msgspec.Struct, frozen=True):
    """A handshake that tells where the tap stands, with only the fields needed for that: there may be thousands."""

    side: Side | None
    """As :func:`place` tells it."""
    to_server_ns: int
    to_client_ns: int
    ttls: dict[Side, int | None]
    """Of each end."""


class Taps:
    """The same for pairs of hosts, by those connections between them that tell it: drawn when it is needed."""

    def __init__(self, analysis: Analysis) -> None:
        """Ask nothing yet."""
        self._analysis = analysis

    def between(self, connection: Connection) -> Side | None:
        """Return the end of a connection that the tap is at, as other connections of the same two hosts tell."""
        told = {other.side for other in self._handshakes.get(_path(connection), ())} - {None}
        return next(iter(told)) if len(told) == 1 else None

    def paths(self) -> dict[tuple[str, str], Tap]:
        """Return where the tap stands for each client and server whose handshakes tell it, the most of them first."""
        told = {path: tap for path, all in self._handshakes.items() if (tap := _tap(all)) is not None}
        return dict(sorted(told.items(), key=lambda one: -one[1].handshakes))

    @cached_property
    def _handshakes(self) -> dict[tuple[str, str], list[_Handshake]]:
        found: defaultdict[tuple[str, str], list[_Handshake]] = defaultdict(list)
        for signature in self._analysis.summary.signatures:
            opened = Fact.SENT_DATA in signature.client_facts | signature.server_facts
            if not opened or (signature.facts | signature.client_facts | signature.server_facts) & _UNFIT:
                continue
            for example in signature.examples:
                connection = self._analysis.connection(example)
                halves = _halves(connection)
                if halves is not None:
                    ttls = {Side.CLIENT: connection.client.ttl, Side.SERVER: connection.server.ttl}
                    found[_path(connection)].append(_Handshake(_nearer(*halves), *halves, ttls))
        return found


def _path(connection: Connection) -> tuple[str, str]:
    return connection.client.address, connection.server.address


def _tap(handshakes: list[_Handshake]) -> Tap | None:
    """Weigh the handshakes of one path: they agree, and the TTLs of both ends do not speak against it."""
    sides = {one.side for one in handshakes}
    if len(sides) > 1:
        return None
    to_server = min(one.to_server_ns for one in handshakes)
    to_client = min(one.to_client_ns for one in handshakes)
    if max(to_server, to_client) > _FARTHEST:
        return None
    side = sides.pop()
    if side is None and min(to_server, to_client) < _AT_ONCE:
        return None
    unrouted = all(one.ttls[side or Side.SERVER] in _INITIAL for one in handshakes)
    sure = len(handshakes) >= _SEVERAL and (side is None or unrouted)
    return Tap(
        side, Confidence.LIKELY if sure else Confidence.POSSIBLE, to_client, to_server, len(handshakes)
    )
