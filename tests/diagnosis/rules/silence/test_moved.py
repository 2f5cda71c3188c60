"""D07 of addresses that move: all that was open is forgotten at one instant, and new connections are accepted."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, HANDSHAKE, Wire


def forgotten(
    tmp_path: Path, *, many: int = 4, pause: float = 0.4, survivor: bool = False, next_one: str = "accepted"
) -> str:
    """Let clients talk by a rhythm, and each be told by a reset at its next word from 5 s on; return what is told."""

    def play(wire: Wire) -> None:
        for number in range(many):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:7000", at=0.01 * number).play(HANDSHAKE)
            at = 0.1
            while at < 5:
                talk.play(f"{at} > P. 20\n{at + 0.001} < P. 20\n{at + 0.002} > .")
                at += pause
            talk.play(f"{at} > P. 20\n{at + 0.001} < R")
        if survivor:
            other = wire.talk("10.0.0.1:42000", "10.0.0.2:7000").play(HANDSHAKE)
            other.play("1 > P. 20\n1.001 < P. 20\n1.002 > .\n12 > P. 20\n12.001 < P. 20\n12.002 > .")
        if next_one == "accepted":
            wire.talk("10.0.0.1:45000", "10.0.0.2:80", at=5.6 + pause).play(GREETING)
        elif next_one == "refused":
            wire.talk("10.0.0.1:45000", "10.0.0.2:7000", at=5.6).play("0 > S\n0.001 < R.")

    finding = told(tmp_path, play).get("D07")
    return finding.explanation if finding else ""


def test_an_address_that_moves(tmp_path: Path) -> None:
    words = forgotten(tmp_path)
    assert "all 4 connections between these hosts that were open were answered so" in words
    assert "Another host seems to have the address now" in words


@pytest.mark.parametrize(
    "changes",
    [{"many": 2}, {"pause": 4.5}, {"survivor": True}, {"next_one": "refused"}, {"next_one": "none"}],
    ids=["few", "long-away", "one-lives", "refused", "nobody-after"],
)
def test_connections_that_are_forgotten_otherwise(tmp_path: Path, changes: dict[str, Any]) -> None:
    words = forgotten(tmp_path, **changes)
    assert words
    assert "Another host" not in words
