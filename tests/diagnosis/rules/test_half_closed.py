"""D09 and D14: what comes after the other end has closed its direction, and reaches nobody."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire


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
