"""D35 of servers that turn one address away after they had served it, and what looks nearly like it."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from wirestat.model import Finding

SERVED = "0.01 < P. 42\n0.011 > P. 42\n0.012 < P. 1080\n0.02 > P. 100\n0.03 < P. 60\n0.9 > F.\n0.901 < F.\n0.902 > ."
AWAY = "0.0013 < P. 29\n0.0014 < F.\n0.0016 > .\n0.0018 > F.\n0.002 < ."


def guarded(tmp_path: Path, before: int = 5, others: str = SERVED, after: str = AWAY) -> Finding | None:
    def play(wire: Wire) -> None:
        for number in range(before):
            wire.talk(f"10.0.0.5:{40_000 + number}", "10.0.0.2:22", at=1.5 * number).play(HANDSHAKE).play(
                SERVED
            )
        for number in range(6):
            talk = wire.talk(
                f"10.0.0.5:{41_000 + number}", "10.0.0.2:22", at=10 + 2.3 * number + 0.4 * (number % 2)
            )
            talk.play(HANDSHAKE).play(AWAY)
        for number in range(3):
            wire.talk(f"10.0.0.6:{42_000 + number}", "10.0.0.2:22", at=11 + 4 * number).play(HANDSHAKE).play(
                others
            )
        wire.talk("10.0.0.5:43000", "10.0.0.2:22", at=40).play(HANDSHAKE).play(after)

    return told(tmp_path, play).get("D35")


def test_an_address_is_turned_away(tmp_path: Path) -> None:
    finding = guarded(tmp_path)
    assert finding is not None
    assert "closed 7 connections of 10.0.0.5 at once, each with the same 29 bytes" in finding.explanation
    assert "had served this client on 5 connections" in finding.explanation


@pytest.mark.parametrize("changes", [{"before": 1}, {"others": AWAY}, {"after": SERVED}])
def test_it_is_not_the_address(tmp_path: Path, changes: dict[str, Any]) -> None:
    finding = guarded(tmp_path, **changes)
    assert finding is None or "turns this address away" not in finding.explanation
