"""D49 of servers that answer nobody any more when the capture ends."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire


def stands(wire: Wire, *, struck: int = 4, others: int = 0, took: float = 0.005, until: float = 60) -> None:
    """Let a server answer each of its clients some times, and then leave the first ``struck`` of them waiting."""
    for number in range(struck + others):
        talk = wire.talk(f"10.0.0.{10 + number}:40000", "10.0.0.2:5000", at=0.1 * number).play(GREETING)
        for step in range(2, 20, 4):
            talk.play(f"{step} > P. 90\n{step + took} < P. 300\n{step + took + 0.0004} > .")
        if number < struck:
            talk.play("20 > P. 90\n20.04 < .")
        else:
            talk.play(f"{until - 1} > P. 90\n{until - 0.9} < P. 300\n{until - 0.8} > .")
    wire.talk("10.0.9.1:41000", "10.0.9.2:80", at=until).play(GREETING)


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({}, True),
        ({"struck": 2}, False),  # may be chance
        ({"others": 2}, False),  # somebody is answered
        ({"took": 2.0}, False),  # it took its time before as well
        ({"until": 25}, False),  # the answers may be under way
    ],
)
def test_nobody_is_answered_any_more(tmp_path: Path, changes: dict[str, float], is_told: bool) -> None:
    def play(wire: Wire) -> None:
        stands(
            wire,
            struck=int(changes.get("struck", 4)),
            others=int(changes.get("others", 0)),
            took=changes.get("took", 0.005),
            until=changes.get("until", 60),
        )

    finding = told(tmp_path, play).get("D49")
    assert (finding is not None and "answered nobody since" in finding.explanation) == is_told
