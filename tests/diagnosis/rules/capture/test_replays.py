"""D48: conversations that are played again."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import found, look
from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, Wire
from wirestat.model import Confidence, Severity

FIRST = look("client:sent-data", "server:sent-data")
AGAIN = FIRST.also("reused-tuple", "replayed")


def test_the_same_numbers_again_are_a_replay() -> None:
    finding = found(FIRST, AGAIN)["D48"]
    assert (finding.severity, finding.confidence) == (Severity.NOTE, Confidence.LIKELY)
    assert "is in the capture twice, with the same initial sequence numbers" in finding.explanation


def test_a_port_that_is_reused_is_none() -> None:
    assert "D48" not in found(FIRST, FIRST.also("reused-tuple"))


def test_a_half_that_is_played_to_a_server_that_lives_is_told_as_that() -> None:
    finding = found(FIRST, AGAIN.also("server:two-syn-acks"))["D48"]
    assert (
        "with the same numbers and acknowledgements of the client, whatever the server" in finding.explanation
    )
    assert "the client's half of the conversation was replayed" in finding.explanation


@pytest.mark.parametrize(
    ("copies", "shift", "apart", "is_told"),
    [(3, 0, 30.0, True), (2, 0, 30.0, False), (3, 1, 30.0, False), (3, 0, 0.1, False)],
    ids=["played", "two", "other-numbers", "at-once"],
)
def test_a_conversation_that_is_played_under_other_addresses(
    tmp_path: Path, copies: int, shift: int, apart: float, *, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(copies):
            talk = wire.talk(f"10.0.0.{20 + number}:40001", "10.0.0.9:443", at=apart * number, stamps=False)
            talk.client.isn, talk.server.isn = 1000 + shift * number, 2000
            talk.play(GREETING).play(FAREWELL, at=0.05)

    assert ("D48" in told(tmp_path, play)) == is_told
