"""D10: a CLOSE_WAIT that is held, and one that may be none."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Confidence, Severity

CLIENT, SERVER = "10.0.0.1:40000", "10.0.0.2:80"


@pytest.mark.parametrize("closed", [True, False])
def test_a_fin_that_was_captured_and_acknowledged_was_sent(tmp_path: Path, *, closed: bool) -> None:
    """The client's FIN acknowledges what the capture lacks, and the server's segment acknowledges that FIN."""

    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER).play("0.001 < S.\n0.0011 > .")
        if closed:
            talk.play("0.002 > P. 1460 bad\n0.0021 > P. 1460 bad\n0.0031 < . bad")
            talk.play("0.0035 > P. 1460 bad\n0.0036 > P. 1447 bad\n0.1 < . bad\n0.104 < P. 189 lost")
            talk.play(f"11.2 > F.\n11.2004 < F.\n11.2006 > . seq={talk.client.next + 25}")
        else:
            talk.play("0.002 > P. 300\n0.0031 < .\n0.004 < P. 189 lost")
            talk.play("11.2 > .\n11.2004 < F.\n11.2006 > .")
        wire.talk("10.0.0.1:40001", SERVER, at=120).play(GREETING)

    assert ("D10" in told(tmp_path, play)) != closed


@pytest.mark.parametrize(
    ("lines", "may_be_second"),
    [
        ("0 < .\n0.0004 < F.\n0.0006 > .", True),
        ("0 < .\n3 < F.\n3.0002 > .", False),
        ("0 > .\n0.0002 < .\n0.0006 < F.\n0.0008 > .", False),
        ("0 < P. 30\n0.0004 < F.\n0.0006 > .", False),
    ],
    ids=["at-once", "later", "after-a-word-of-the-holder", "after-data"],
)
def test_a_fin_right_after_an_ack_may_answer_one_of_before(
    tmp_path: Path, lines: str, *, may_be_second: bool
) -> None:
    def play(wire: Wire) -> None:
        wire.talk(CLIENT, SERVER).play(lines)
        wire.talk("10.0.0.1:40001", SERVER, at=120).play(GREETING)

    held = told(tmp_path, play)["D10"]
    is_note = held.severity is Severity.NOTE and held.confidence is Confidence.POSSIBLE
    assert is_note == may_be_second
    assert any(rival.startswith("a FIN of its own before") for rival in held.rivals) == may_be_second
