"""Where the tap stands, as one connection tells: by the two halves of its handshake's round trip."""

from wirestat.diagnosis.case import Case
from wirestat.model import Side, State
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_NEAR = 10
"""At an end, its half of the round trip is so many times shorter than the other."""
_AT_ONCE = 2 * MILLISECOND
"""No host that is further away answers within this time."""


def place(case: Case) -> Side | None:
    """Return the end that the tap is at; ``None`` where it is between them, or the handshake does not tell.

    The SYN-ACK follows the SYN at once where the tap is at the server, and the ACK follows the SYN-ACK at once where
    it is at the client. A handshake of which anything was sent again tells nothing.
    """
    if case.client.has(Fact.SYN_RESENT) or case.has(
        Fact.MID_STREAM, Fact.ONE_WAY, Fact.SYN_MISSING, Fact.FRAMES_DUPLICATED
    ):
        return None
    asked, opened = case.client.entered(State.SYN_SENT), case.client.entered(State.ESTABLISHED)
    round_trip = case.connection.handshake_rtt_ns
    if asked is None or opened is None or not round_trip:
        return None
    to_server = opened.time_ns - asked.time_ns
    to_client = round_trip - to_server
    if 0 <= to_server < _AT_ONCE and to_server * _NEAR < to_client:
        return Side.SERVER
    if 0 <= to_client < _AT_ONCE and to_client * _NEAR < to_server:
        return Side.CLIENT
    return None
