"""D07: connections that go on from other ports, as a gateway has lost its table."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire


@pytest.mark.parametrize(("all_stop", "is_told"), [(True, True), (False, False)])
def test_old_ports_fall_silent_as_unknown_ones_begin(tmp_path: Path, all_stop: bool, is_told: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:6379", at=0.01 * number).play(GREETING)
            for second in range(1, 9 if number == 3 and not all_stop else 5):
                talk.play(f"{second} > P. 14\n{second}.001 < P. 7\n{second}.002 > .")
            if number < 3 or all_stop:
                moved = wire.talk(f"10.0.0.9:{26_000 + number}", "10.0.0.2:6379", at=5 + 0.01 * number)
                moved.play("0 > P. 14 seq=900 ack=700\n0.0001 < R seq=700")

    finding = told(tmp_path, play)["D07"]
    assert ("has sent the same connections on from other ports" in finding.explanation) is is_told
    if is_told:
        assert finding.count == 4
        assert finding.fault == "path"


def test_one_that_was_idle_moves_with_those_that_spoke(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:6379", at=0.01 * number).play(GREETING)
            for second in range(1, 9) if number else ():
                talk.play(f"{second} > P. 14\n{second}.001 < P. 7\n{second}.002 > .")
            moved = wire.talk(f"10.0.0.9:{26_000 + number}", "10.0.0.2:6379", at=11 + 0.01 * number)
            moved.play("0 > P. 14 seq=900 ack=700\n0.0001 < R seq=700")

    assert "4 open connections of the same address" in told(tmp_path, play)["D07"].explanation


@pytest.mark.parametrize(("pause", "is_told"), [(1, True), (6, False)])
def test_what_was_idle_goes_on_from_other_ports(tmp_path: Path, pause: int, is_told: bool) -> None:
    """Two of four speak on, after silences that are shorter than those of the others, or are not."""

    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:6379", at=0.01 * number).play(GREETING)
            for second in range(pause, 19, pause) if number > 1 else (1,):
                talk.play(f"{second} > P. 14\n{second}.001 < P. 7\n{second}.002 > .")
            if number < 2:
                moved = wire.talk(f"10.0.0.9:{26_000 + number}", "10.0.0.2:6379", at=7.5 + 0.01 * number)
                moved.play("0 > P. 14 seq=900 ack=700\n0.0001 < R seq=700")

    finding = told(tmp_path, play)["D07"]
    assert ("seems to forget what is idle" in finding.explanation) is is_told
