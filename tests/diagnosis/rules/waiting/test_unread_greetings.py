"""D51: greetings that a client takes and does not answer."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from wirestat.model import Fault


@pytest.mark.parametrize(
    ("left", "answers", "greets", "is_named"),
    [(10.0, 5, True, True), (2.0, 5, True, False), (10.0, 1, True, False), (10.0, 5, False, False)],
    ids=["in-vain", "leaves-soon", "never-answers", "speaks-first"],
)
def test_a_client_that_answers_other_greetings(
    tmp_path: Path, left: float, answers: int, *, greets: bool, is_named: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(6):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:21", at=20.0 * number).play(HANDSHAKE)
            if greets or not number:
                talk.play("0.01 < P. 40\n0.012 > .")
            if 0 < number <= answers:
                talk.play("0.02 > P. 16\n0.0202 < .\n0.021 < P. 34\n0.022 > .")
            leave = left if number == 0 or number > answers else 1.0
            talk.play(f"{leave} > F.\n{leave + 0.001} < F.\n{leave + 0.002} > .")

    finding = told(tmp_path, play).get("D51")
    assert (finding is not None) == is_named
    if finding:
        assert finding.fault is Fault.CLIENT
        assert "On 5 others of its connections to this socket it answered" in finding.explanation


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        ("0.01 < P. 40\n0.012 > .\n10 > F.\n10.001 < F.\n10.002 > .", True),
        ("0.01 < P. 1400\n0.012 > .\n10 > F.\n10.001 < F.\n10.002 > .", False),
        ("0.01 < P. 40\n0.012 > .\n9 < F.\n9.001 > .\n10 > F.\n10.001 < .", False),
        ("0.01 < P. 40\n0.012 > .\n0.1 > P. 5\n0.101 < P. 9\n0.102 > .\n10 > F.\n10.001 < F.", False),
        ("0.01 < P. 40\n0.012 > .\n10 > R.", False),
    ],
    ids=["unread", "more-than-a-greeting", "the-server-left-first", "answered", "reset"],
)
def test_only_a_client_that_leaves_after_a_greeting_left_it_unread(
    tmp_path: Path, said: str, *, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.9:39999", "10.0.0.2:21").play(HANDSHAKE).play(said)
        for number in range(4):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:21", at=20.0 * number).play(HANDSHAKE)
            talk.play("0.01 < P. 40\n0.012 > .\n0.02 > P. 16\n0.0202 < .\n0.021 < P. 34\n0.022 > .")
            talk.play("1 > F.\n1.001 < F.\n1.002 > .")

    finding = told(tmp_path, play).get("D51")
    assert (finding is not None and "greeted" in finding.explanation) == is_told
