"""D13 of FINs in vain to a host that is heard on other connections meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, HANDSHAKE, Wire


def closed_in_vain(tmp_path: Path, *, many: int = 4, one_answered: bool = False) -> str:
    """Let a client's FINs stay unanswered from 2 s on, and another connection be heard at 5 s."""

    def play(wire: Wire) -> None:
        for number in range(many):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80").play(GREETING)
            talk.play(
                "2 > F.\n2.2 > F. again\n2.6 > F. again\n3.4 > F. again\n5.2 > F. again\n8.6 > F. again"
            )
        if one_answered:
            other = wire.talk("10.0.0.1:44000", "10.0.0.2:80").play(GREETING)
            other.play("2 > F.\n2.001 < F.\n2.002 > .")
        live = wire.talk("10.0.0.1:45000", "10.0.0.2:7000").play(HANDSHAKE)
        live.play("5 > P. 20\n5.001 < P. 20\n5.002 > .")

    return told(tmp_path, play)["D13"].explanation


def test_fins_that_alone_get_lost(tmp_path: Path) -> None:
    words = closed_in_vain(tmp_path)
    assert "10.0.0.2 is heard on other connections meanwhile: it lives." in words
    assert "None of the 4 FINs that 10.0.0.1 sent it as client was answered" in words


@pytest.mark.parametrize("changes", [{"many": 2}, {"one_answered": True}], ids=["few", "one-answered"])
def test_fins_in_vain_that_tell_less(tmp_path: Path, changes: dict[str, Any]) -> None:
    words = closed_in_vain(tmp_path, **changes)
    assert "it lives" in words
    assert "None of the" not in words
