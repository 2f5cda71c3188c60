"""Servers that send their SYN-ACK again though it was acknowledged, and let their client in all the same (D05)."""

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, unlikely
from wirestat.diagnosis.shown import is_shown
from wirestat.model import Connection, Side, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

ECHOED = "the SYN-ACK that came again echoes the time stamp of the ACK"
_BEYOND_TIMERS = 5 * SECOND
"""A SYN-ACK that nothing acknowledged comes again sooner: after 1 s, or 3 s (RFC 6298, 2.1 and 5.7)."""


def has_let_in(server: End) -> bool:
    """Say whether anything shows that the server accepted the connection."""
    return server.confirmed or server.has(Fact.SENT_DATA, Fact.FIN_SENT)


def why_put_off(case: Case) -> tuple[Rival, ...]:
    """Name what makes a server repeat its SYN-ACK and then accept, by whether the ACK is known to have arrived."""
    if case.server.has(Fact.SYN_ACK_ECHOES_ACK):
        return (
            cause("TCP_DEFER_ACCEPT", "the ACK had arrived, and was put off"),
            cause("an accept queue that was full for a moment"),
            ruled_out("one lost ACK", ECHOED),
        )
    if others := case.of_socket(_count_echoes):
        on_others = f"on {some(others, 'other connection')} of this socket the ACK had arrived"
        return cause("TCP_DEFER_ACCEPT", on_others), unlikely("one lost ACK", on_others)
    waited = _waited_before_copy(case)
    if waited >= _BEYOND_TIMERS:
        return (
            cause("TCP_DEFER_ACCEPT", f"it sent no copy before {span(waited)} had passed"),
            unlikely("one lost ACK", "then the SYN-ACK would have come again within some seconds"),
        )
    return cause("TCP_DEFER_ACCEPT"), cause("one lost ACK")


def _waited_before_copy(case: Case) -> int:
    """Return how long after the first ACK the only copy of the SYN-ACK came, in ns; 0 where there were more."""
    opened, again = case.client.entered(State.ESTABLISHED), case.server.fact(Fact.SYN_ACK_RESENT_AFTER_ACK)
    if opened is None or again is None or (case.server.figure(Fact.SYN_ACK_RESENT_AFTER_ACK) or 1) > 1:
        return 0
    return again.time_ns - opened.time_ns


def _count_echoes(connections: list[Connection]) -> int:
    return sum(is_shown(one, Fact.SYN_ACK_ECHOES_ACK, Side.SERVER) for one in connections)


def deferred(case: Case) -> str:
    """Say what speaks for a listener that waits for data."""
    if case.server.has(Fact.SYN_ACK_RESENT_AFTER_ACK) and case.client.has(Fact.SENT_DATA):
        return "bare ACKs were ignored; it gives an attempt up after its last SYN-ACK"
    return "it ignores bare ACKs until data comes"
