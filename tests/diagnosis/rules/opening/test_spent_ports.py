"""D01 and D34 of connects that go unanswered while a translation has no port left, and what looks nearly like it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire

_PORTS = 20


def _held(wire: Wire, kept: float) -> None:
    """Connect twice a second, through a translation that has twenty ports and keeps each for a while."""
    held: list[float] = []
    for number in range(int(2 * kept) + 40):
        at = 0.5 * number
        talk = wire.talk(f"10.0.0.5:{40_000 + number}", "10.0.0.2:443", at=at)
        held = [free for free in held if free > at]
        if len(held) == _PORTS:
            talk.play("0 > S\n1 > S again\n3 > S again")
            continue
        held.append(at + 0.1 + kept)
        _serve(wire, number, at)


def _serve(wire: Wire, number: int, at: float) -> None:
    talk = wire.talk(f"10.0.0.5:{50_000 + number}", "10.0.0.2:443", at=at)
    talk.play("0 > S\n0.01 < S.\n0.0101 > .\n0.02 > P. 9\n0.03 < P. 9\n0.08 > F.\n0.09 < F.\n0.0901 > .")


def _down_for_a_while(wire: Wire) -> None:
    """Connect to a server that is away from the tenth second to the hundredth."""
    for number in range(300):
        at = 0.5 * number
        if 10 <= at < 100:
            wire.talk(f"10.0.0.5:{40_000 + number}", "10.0.0.2:443", at=at).play(
                "0 > S\n1 > S again\n3 > S again"
            )
        else:
            _serve(wire, number, at)


def _said(tmp_path: Path, play: Callable[[Wire], None]) -> str:
    finding = told(tmp_path, play).get("D01")
    assert finding is not None
    return finding.explanation


@pytest.mark.parametrize("kept", [60, 120, 240])
def test_each_port_is_kept_for_a_while(tmp_path: Path, kept: int) -> None:
    said = _said(tmp_path, lambda wire: _held(wire, kept))
    assert f"a translation on the way (NAT) has {_PORTS} ports for it there" in said


def test_a_server_that_is_away_for_a_while_is_none(tmp_path: Path) -> None:
    assert "translation" not in _said(tmp_path, _down_for_a_while)
