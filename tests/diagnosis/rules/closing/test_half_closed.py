"""D09 and D14: what comes after the other end has closed its direction, and reaches nobody."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire

_COPIES = (0, 0.2, 0.7, 1.6, 5.6, 13.6, 29.6)
"""When something is sent again, in seconds."""


@pytest.mark.parametrize(("payload", "id"), [("300", "D09"), ("", "D14")])
def test_a_fin_that_comes_again_alone_or_with_the_answer(tmp_path: Path, payload: str, id: str) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:5000").play(GREETING)
        talk.play(
            f"1 > PF. 50\n1.001 < .\n8 < PF. {payload}\n8.21 < PF. again\n8.63 < PF. again\n9.5 < PF. again"
        )
        talk.play("11.2 < PF. again\n14.6 < PF. again")

    findings = told(tmp_path, play)
    assert findings.keys() & {"D09", "D14"} == {id}
    if id == "D09":
        assert "its last 300 bytes and its FIN again 5 times" in findings[id].explanation
        assert "had closed its own direction 7 s before" in findings[id].explanation
        assert findings[id].confidence == "likely"


def test_an_answer_that_was_lost_once_and_came_is_no_finding(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:5000").play(GREETING)
        talk.play("1 > PF. 50\n1.001 < .\n8 < PF. 300\n8.21 < PF. again\n8.22 > .")

    assert not told(tmp_path, play).keys() & {"D09", "D14"}


def test_one_time_out_does_not_end_what_others_of_that_age_lived_through(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number, steps in enumerate((23, 23, 22)):
            talk = wire.talk(f"10.0.0.{20 + number}:40000", "10.0.0.2:1521", at=31.0 * number).play(GREETING)
            talk.play("0.1 > F.\n0.101 < .")
            for step in range(1, steps + 1):
                talk.play(f"{5 * step} < P. {800 + 70 * number}\n{5 * step + 0.012} > .")
            asked = 5 * steps + 1
            talk.play("".join(f"{asked + after} < P. {'again' if after else '900'}\n" for after in _COPIES))

    finding = told(tmp_path, play)["D09"]
    assert "the connection was half closed" in finding.explanation
    assert "after that FIN: a device" not in finding.explanation
    assert any("FortiGate" in rival for rival in finding.rivals) is False


@pytest.mark.parametrize("is_half_closed", [True, False])
def test_an_end_that_had_half_closed_and_falls_silent(tmp_path: Path, *, is_half_closed: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.{20 + number}:40000", "10.0.0.2:1521", at=31.0 * number).play(GREETING)
            talk.play("0.1 > F.\n0.101 < ." if is_half_closed else "0.1 > P. 30\n0.101 < .")
            for step in range(1, 24):
                talk.play(f"{5 * step} < P. {800 + 70 * number}\n{5 * step + 0.012} > .")
            talk.play("120.4 < P. 900\n120.6 < P. again\n121.1 < P. again\n122 < P. again\n126 < P. again")
            talk.play("134 < P. again\n150 < P. again")

    finding = told(tmp_path, play)["D09"]
    explanation = finding.explanation
    assert any("FortiGate" in rival for rival in finding.rivals) == is_half_closed
    assert ("was 115 s to 120 s after that FIN" in explanation) == is_half_closed
    assert ("a limit to how old a connection may grow" in explanation) != is_half_closed
