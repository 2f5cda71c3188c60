"""D65: the rest of a message that waits for a cork, and what looks nearly like it."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import facts, told
from tests.field.talk import Wire
from wirestat.model import Finding
from wirestat.vocabulary import Fact


def held(
    tmp_path: Path, late: float = 0.2, acked: float = 0.001, full: int = 1448, answers: int = 6
) -> Finding | None:
    """Play a server whose answers are two segments and a rest, which comes later."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.5:40000", "10.0.0.2:80").play("0 > S\n0.001 < S.\n0.0011 > .")
        for answer in range(answers):
            at = 1 + 0.9 * answer
            talk.play(f"{at} > P. 90\n{at + 0.0004} < .\n{at + 0.001} < . {full}\n{at + 0.0011} < . {full}")
            talk.play(f"{at + 0.0011 + acked} > .\n{at + 0.0011 + late} < P. 300\n{at + 0.0013 + late} > .")

    return told(tmp_path, play).get("D65")


def test_the_rest_of_each_answer_is_late(tmp_path: Path) -> None:
    finding = held(tmp_path)
    assert finding is not None
    assert "on 6 of 6 answers" in finding.explanation
    assert (finding.severity, finding.confidence, finding.fault) == ("note", "possible", "server")
    assert facts(tmp_path)[Fact.HELD_BACK] == 6


@pytest.mark.parametrize(
    "changes",
    [
        {"late": 0.12},  # no cork holds it for so short
        {"late": 0.31},  # nor for so long
        {"acked": 0.199},  # it waits for the acknowledgement
        {"full": 900},  # there was room in the segments before
        {"answers": 3},  # chance
    ],
)
def test_other_pauses_are_none(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert held(tmp_path, **changes) is None
    assert Fact.HELD_BACK not in facts(tmp_path)
