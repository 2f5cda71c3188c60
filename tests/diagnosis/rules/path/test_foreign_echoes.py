"""D45 of SYN-ACKs that echo a time stamp which is not their client's."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire


@pytest.mark.parametrize(("echo", "number", "other"), [(" echo=123", "D45", "D34"), ("", "D34", "D45")])
def test_an_answer_that_is_refused_for_its_time_stamp_is_told_once(
    tmp_path: Path, echo: str, number: str, other: str
) -> None:
    """Three connects of six take a second: the client resets the first answer."""

    def play(wire: Wire) -> None:
        for port in range(40_000, 40_006):
            talk = wire.talk(f"10.0.0.9:{port}", "10.0.0.2:80", at=3.0 * (port - 40_000))
            if port % 2:
                talk.play("0 > S\n0.004 < S.\n0.00404 > .\n0.01 > P. 20\n0.02 < P. 30\n0.021 > .")
                continue
            talk.play(f"0 > S\n0.004 < S.{echo}\n0.00404 > R seq=1\n1.02 > S again\n1.024 < S. again")
            talk.play("1.02404 > .\n1.03 > P. 20\n1.04 < P. 30\n1.041 > .")

    findings = told(tmp_path, play)
    assert other not in findings
    assert findings[number].count == 3
    assert "1.02 s" in findings[number].explanation
