"""Where the tap stands, and what an unanswered SYN means there."""

import pytest
from msgspec.structs import replace

from tests.diagnosis.builders import T0, Look, connection, found, listener, look, step
from wirestat.diagnosis.study.tap import place
from wirestat.model import Connection, Fault, Side, State
from wirestat.timers import MILLISECOND

UNANSWERED = look("client:syn-resent", client=State.SYN_SENT, server=State.UNKNOWN)


def opened(syn_ack_ms: float, ack_ms: float, *facts: str) -> Connection:
    """A connection whose SYN-ACK and ACK came so many milliseconds after its SYN."""
    asked = step(Side.CLIENT, State.CLOSED, State.SYN_SENT, 1, time_ns=T0)
    answered = step(
        Side.CLIENT, State.SYN_SENT, State.ESTABLISHED, 2, time_ns=T0 + int(syn_ack_ms * MILLISECOND)
    )
    plain = connection(look(*facts, steps=(asked, answered)))
    return replace(plain, handshake_rtt_ns=int(ack_ms * MILLISECOND))


@pytest.mark.parametrize(
    ("syn_ack_ms", "ack_ms", "side"),
    [(0.1, 30, Side.SERVER), (30, 30.1, Side.CLIENT), (15, 30, None), (0.1, 0.2, None)],
)
def test_the_halves_of_the_round_trip_tell(syn_ack_ms: float, ack_ms: float, side: Side | None) -> None:
    assert place(opened(syn_ack_ms, ack_ms)) is side


def test_a_handshake_with_a_retry_tells_nothing() -> None:
    assert place(opened(0.1, 30, "client:syn-resent")) is None


def beside(syn_ack_ms: int) -> Look:
    """A sound connection of the same hosts."""
    asked = step(Side.CLIENT, State.CLOSED, State.SYN_SENT, 1, time_ns=T0)
    late = T0 + syn_ack_ms * MILLISECOND // 10
    answered = step(Side.CLIENT, State.SYN_SENT, State.ESTABLISHED, 2, time_ns=late)
    return look("client:sent-data", "server:sent-data", steps=(asked, answered))


def test_a_syn_that_arrived_is_the_servers_to_answer() -> None:
    # The builders' round trip is a millisecond.
    finding = found(UNANSWERED, beside(0), listeners=(listener(),))["D01"]
    assert finding.fault is Fault.SERVER
    assert "the SYN arrives, and the server ignores it" in finding.explanation
    assert "Capture at the server" not in finding.advice


def test_between_the_ends_either_may_be_at_fault() -> None:
    finding = found(UNANSWERED, beside(5), listeners=(listener(),))["D01"]
    assert finding.fault is Fault.UNDECIDED
    assert "Capture at the server" in finding.advice
