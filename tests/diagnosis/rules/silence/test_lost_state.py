"""D09 of a state that was lost on the way: all that was open between two hosts dies at one instant."""

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Finding

CLIENT, SERVER = "10.0.0.5", "10.0.0.2"
PORTS = (80, 80, 6379, 6379, 6379)
COPIES = (0.2, 0.6, 1.4, 3.0, 6.2, 12.6)


def lost(
    tmp_path: Path,
    count: int = 5,
    idle: float = 0.5,
    others: Collection[str] = ("later",),
    closes: bool = False,
    apart: float = 0.01,
) -> Finding | None:
    """Play connections that are answered until second 5, and asked in vain from ``idle`` seconds later on."""

    def play(wire: Wire) -> None:
        for number, port in enumerate(PORTS[:count]):
            talk = wire.talk(f"{CLIENT}:{40_000 + number}", f"{SERVER}:{port}", at=apart * number)
            talk.play(GREETING).play("5 > P. 40\n5.001 < P. 40\n5.002 > .")
            if closes and number == 0:
                talk.play(f"{5 + idle} > F.")
                for copy in COPIES:
                    talk.play(f"{5 + idle + copy} > F. again")
                continue
            talk.play(f"{5 + idle} > P. 40")
            for copy in COPIES:
                talk.play(f"{5 + idle + copy} > P. again")
        if "survivor" in others:
            wire.talk(f"{CLIENT}:45000", f"{SERVER}:80").play(GREETING).play(
                "15 > P. 40\n15.001 < P. 40\n15.002 > ."
            )
        for number in range(4 if "later" in others else 0):
            wire.talk(f"{CLIENT}:{50_000 + number}", f"{SERVER}:6379", at=12 + idle).play(GREETING)

    return told(tmp_path, play).get("D09")


@pytest.mark.parametrize("closes", [False, True])
def test_all_that_was_open_dies_at_one_instant(tmp_path: Path, closes: bool) -> None:
    finding = lost(tmp_path, closes=closes)
    assert finding is not None
    assert "5 connections to 2 ports of 10.0.0.2 from 10.0.0.5" in finding.explanation
    assert "after 14:13:25.041Z and before 14:13:25.700Z, 5 connections" in finding.explanation
    assert "4 connections begun later are well" in finding.explanation
    assert (finding.fault, finding.count) == ("path", 5)
    assert any("idle time-out" in rival and "ruled out" in rival for rival in finding.rivals)
    assert any("way that changed" in rival and "possible cause" in rival for rival in finding.rivals)


@pytest.mark.parametrize(
    "play",
    [
        partial(lost, others=("later", "survivor")),  # then it strikes some and not all
        partial(lost, others=()),  # then the host may be dead
        partial(lost, idle=30.0),  # then an idle time-out may have run out
        partial(lost, apart=8.0),
        partial(lost, count=2),
    ],
)
def test_it_is_no_loss_of_all_state(tmp_path: Path, play: Callable[[Path], Finding | None]) -> None:
    finding = play(tmp_path)
    assert finding is None or "At one instant" not in finding.explanation
