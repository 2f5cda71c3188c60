"""D27 of sessions that a balancer cuts because its checks of another port fail."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Fault

OPEN = "0 > S\n0.001 < S.\n0.0011 > ."


@pytest.mark.parametrize(
    ("checks", "host", "answered", "late", "is_joined"),
    [
        (3, "10.0.0.2", False, 0.0, True),
        (2, "10.0.0.2", False, 0.0, False),
        (3, "10.0.0.9", False, 0.0, False),
        (3, "10.0.0.2", True, 0.0, False),
        (3, "10.0.0.2", False, 30.0, False),
    ],
    ids=["failed", "few", "of-another-host", "answered", "long-before"],
)
def test_sessions_that_end_with_the_checks(
    checks: int, host: str, *, answered: bool, late: float, is_joined: bool, tmp_path: Path
) -> None:
    def play(wire: Wire) -> None:
        for number in range(checks):
            talk = wire.talk(f"10.0.0.1:{50_001 + number}", f"{host}:9001", at=5 + 0.5 * number)
            talk.play(f"{OPEN}\n0.0012 > P. 6\n0.0013 < .")
            talk.play("0.0014 < P. 6\n0.0015 > .\n0.4 > R." if answered else "0.4 > R.")
        cut = 5 + 0.5 * (checks - 1) + 0.401 + late
        for number in range(5):  # more than there are checks: of two findings this comes first
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:9000", at=0.1 * number).play(OPEN)
            talk.play("1 > P. 5\n1.001 < P. 5\n1.0011 > .")
            at = cut - 0.1 * number - 0.05
            talk.play(f"{at} > P. 5\n{at + 0.001} < P. 5\n{at + 0.0011} > .")
            talk.play(f"{at + 0.05} > F.\n{at + 0.0501} < .\n{at + 0.0502} > R.")

    finding = told(tmp_path, play)["D27"]
    assert ("It had given up 3 connections to port 9001 of the same host" in finding.explanation) is is_joined
    if is_joined:
        assert finding.fault is Fault.UNDECIDED
        assert "did not answer these checks" in finding.advice
