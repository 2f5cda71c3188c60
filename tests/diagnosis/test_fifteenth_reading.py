"""Kinds of misreading that the fifteenth reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire

SERVER = "10.0.0.2:80"


@pytest.mark.parametrize(("second", "nothing_lost"), [(1.75, True), (2.31, False)])
def test_closer_together_than_a_timer_sends_them_both_syn_acks_answer(
    tmp_path: Path, *, second: float, nothing_lost: bool
) -> None:
    """A way that sways about 0.6 s, or a last ACK that the server has not taken for a second."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER, stamps=False)
        talk.play("0 > S\n1 > S again\n1.2 < S.\n1.2001 > .\n1.2002 > P. 100")
        talk.play(f"{second} < S. again seq=0\n{second + 0.0001} > .\n2.6 < .\n2.61 < P. 300\n2.611 > .")

    findings = told(tmp_path, play)
    assert ("D05" in findings) != nothing_lost
    assert ("was answered late" in findings["D34"].explanation) == nothing_lost


def test_a_syn_ack_that_crosses_the_ack_of_the_first_repeats_none_that_was_lost(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER)
        talk.play(
            "0 > S ts=1000\n1 > S again ts=2000\n1.33 < S. ts=9000 echo=1000\n1.3301 > . ts=2330 echo=9000"
        )
        talk.play("1.3302 > P. 100 ts=2330 echo=9000\n1.76 < S. again seq=0 ts=9338 echo=1000")
        talk.play("1.7601 > . ts=2760 echo=9000\n2.4 < P. 300\n2.41 > .")

    assert "was answered late" in told(tmp_path, play)["D34"].explanation
