"""D06 of handshakes that are reset at their last step: those under way at one instant, or now and then."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire


def _at_once(number: int) -> bool:
    return number in (10, 14, 18)


def _now_and_then(number: int) -> bool:
    return number % 12 == 6


@pytest.mark.parametrize(("is_reset", "expected"), [(_at_once, True), (_now_and_then, False)])
def test_all_were_under_way_at_one_instant(
    tmp_path: Path, is_reset: Callable[[int], bool], expected: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(40):
            talk = wire.talk(f"10.0.0.{20 + number}:40000", "10.0.0.2:443", at=0.005 * number)
            talk.play("0 > S\n0.0001 < S.\n0.08 > .")
            if is_reset(number):
                talk.play("0.0801 < R seq=1")
            else:
                talk.play("0.081 > P. 90\n0.09 < P. 90\n0.17 > .")

    finding = told(tmp_path, play)["D06"]
    assert ("under way at one instant" in finding.explanation) is expected
    assert any("SO_REUSEPORT" in rival for rival in finding.rivals) is expected
