"""Kinds of misreading that the seventh reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire


@pytest.mark.parametrize(("idle", "expected"), [(0.3, True), (12, False)], ids=["at-once", "idle"])
def test_an_answer_before_an_idle_time_out_has_been_read(
    tmp_path: Path, idle: float, *, expected: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.1:{40001 + number}", "10.0.0.2:443")
            talk.start = number * 2.0
            talk.play("0 > S\n0.02 < S.\n0.021 > .\n0.1 > P. 100\n0.13 < P. 400\n0.14 > .")
            talk.play(f"{idle + 0.2} < F.\n{idle + 0.21} > P. 32\n{idle + 0.23} < R seq=402")

    findings = told(tmp_path, play)
    words = " ".join(finding.explanation for finding in findings.values())
    assert ("before that has read it" in words) is expected


@pytest.mark.parametrize(
    ("elsewhere", "expected"), [(5_000_000, True), (1_000, False)], ids=["clock", "clocks"]
)
def test_a_client_with_a_clock_for_each_connection(tmp_path: Path, elsewhere: int, *, expected: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.1:{40001 + number}", "10.0.0.2:8082")
            talk.start = float(number)
            stamp = 4_000_000 + number * 1000
            talk.play(f"0 > S ts={stamp}\n0.01 < S.\n0.02 > .\n0.03 > P. 9\n0.04 < P. 9\n0.05 > .")
        for number in range(4):
            talk = wire.talk(f"10.0.0.1:{41001 + number}", "10.0.0.2:8082")
            talk.start = 5.0 + number
            talk.play(
                "\n".join(f"{at} > S {'again' if at else ''} ts={3_000 + at}" for at in (0, 1, 3, 7, 15))
            )
        talk = wire.talk("10.0.0.1:42001", "10.0.0.2:8080")
        talk.play(f"30 > S ts={elsewhere}\n30.01 < S.\n30.02 > .\n30.03 > P. 9\n30.04 < P. 9\n30.05 > .")

    findings = told(tmp_path, play)
    assert ("D45" in findings) is expected
    assert ("D01" in findings) is not expected
    words = findings["D45" if expected else "D01"].explanation
    assert ("backward" in words) is expected


@pytest.mark.parametrize("took", [False, True], ids=["refused", "taken-elsewhere"])
def test_an_echo_that_a_client_takes_is_refused_by_none(tmp_path: Path, *, took: bool) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40001", "10.0.0.2:443").play(
            "0 > S ts=5000\n0.02 < S. echo=1500000000\n1 > S again ts=6000\n1.02 < S. again echo=1500000000\n"
            "3 > S again ts=8000\n3.02 < S. again echo=1500000000"
        )
        if took:
            wire.talk("10.0.0.1:40002", "10.0.0.2:443").play(
                "5 > S ts=9000\n5.02 < S. echo=1500000000\n5.03 > .\n5.1 > P. 90\n5.13 < P. 90\n5.14 > ."
            )

    findings = told(tmp_path, play)
    assert ("D45" in findings) is not took


def test_refusals_are_no_backscatter(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(40):
            talk = wire.talk(f"10.0.0.1:{40001 + number}", "10.0.0.2:80")
            talk.start = number * 0.1
            talk.server.isn = 0
            talk.play("0 < R. seq=0 ack=1" if number < 8 else "0 > S\n0.01 < R. seq=0 ack=1")

    assert "D38" not in told(tmp_path, play)
