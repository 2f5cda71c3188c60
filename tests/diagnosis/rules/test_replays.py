"""D48: conversations that are played again."""

from tests.diagnosis.builders import found, look
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
