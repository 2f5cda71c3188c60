"""D56 of data that come again long after they were sent, and what looks nearly like it."""

from pathlib import Path

import pytest

from tests.diagnosis.played import facts, told
from tests.field.talk import HANDSHAKE
from wirestat.model import Finding
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact


def _late(tmp_path: Path, lines: str, opening: str = HANDSHAKE) -> Finding | None:
    """Return what is said of a server whose data come again."""
    found = told(tmp_path, lambda wire: wire.talk("10.0.0.5:40000", "10.0.0.2:110").play(opening).play(lines))
    return found.get("D56")


def test_one_copy_comes_two_minutes_after_the_data(tmp_path: Path) -> None:
    lines = "1 > P. 20\n1.01 < P. 536\n121.01 < P. again\n121.5 > ."
    finding = _late(tmp_path, lines)
    assert finding is not None
    assert "came again late: 120 s passed in all" in finding.explanation
    assert (finding.severity, finding.fault) == ("warning", "undecided")


def test_several_losses_cost_as_much_together(tmp_path: Path) -> None:
    lines = "0 > . seq=90 ack=700\n0 < P. 536 seq=700 ack=90\n48 < P. 536 seq=700 ack=90\n48.3 > . seq=90 ack=1236\n"
    lines += "48.4 < P. 22 seq=1236 ack=90\n70.4 < P. 22 seq=1236 ack=90\n70.7 > . seq=90 ack=1258"
    finding = _late(tmp_path, lines, opening="")
    assert finding is not None
    assert facts(tmp_path)[Fact.COPIED_LATE] == pytest.approx(70.6 * SECOND)  # times are sums of floats
    assert any("the capture does not hold what came before" in rival for rival in finding.rivals)


def test_a_hole_is_filled_half_a_minute_late(tmp_path: Path) -> None:
    lines = "1 < P. 536 lost\n1.001 < P. 536\n1.002 > . ack=1 sack=537-1073\n31 < P. 536 seq=1\n31.001 > ."
    finding = _late(tmp_path, lines)
    assert finding is not None
    assert "was missing, and came late: 30 s passed in all" in finding.explanation


@pytest.mark.parametrize(
    "lines",
    [
        "1 > P. 20\n1.01 < P. 536\n4.01 < P. again\n4.5 > .",  # a coarse timer
        "1 > P. 20\n1.01 < P. 536\n2.01 < P. again\n22.5 > .",  # the copy came soon
        "1 > P. 20\n1.01 < P. 536\n1.02 > . win=0\n21.01 < P. 536 again\n21.5 > . win=0",  # it was told to wait
    ],
)
def test_other_copies_are_not_late(tmp_path: Path, lines: str) -> None:
    assert _late(tmp_path, lines) is None
