"""D56 of losses that are noticed later each time, and what looks nearly like it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.diagnosis.played import facts, told
from tests.field.talk import Wire
from wirestat.model import Finding
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact


def lossy(tmp_path: Path, waits: Sequence[float], window: int = 502) -> Finding | None:
    """Play a client that loses a segment now and then, and sends it again so long after.

    It is acknowledged with that window, and told of room at once.
    """

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.5:40000", "10.0.0.2:80").play("0 > S\n0.006 < S.\n0.0061 > .")
        at = 1.0
        for wait in waits:
            talk.play(f"{at} > P. 90\n{at + 0.006} < .\n{at + 0.3} > P. 90\n{at + 0.3 + wait} > P. again")
            talk.play(f"{at + 0.306 + wait} < . win={window}\n{at + 0.307 + wait} < .")
            at += 1 + wait

    return told(tmp_path, play).get("D56")


def test_each_loss_costs_more(tmp_path: Path) -> None:
    finding = lossy(tmp_path, (1.5, 3, 6, 12))
    assert finding is not None
    assert "waits longer each time" in finding.explanation
    assert "22.5 s in all" in finding.explanation
    assert (finding.severity, finding.fault) == ("note", "client")
    assert facts(tmp_path)[Fact.BACKS_OFF_LONGER] == pytest.approx(22.5 * SECOND)  # times are sums of floats


def test_who_is_told_to_wait_does_not(tmp_path: Path) -> None:
    assert lossy(tmp_path, (1.5, 3, 6, 12), window=0) is None
    assert Fact.BACKS_OFF_LONGER in facts(tmp_path)


@pytest.mark.parametrize(
    "waits",
    [
        (1.5, 3, 6),  # too few
        (1.5, 1.5, 1.5, 1.5, 1.5),  # a coarse timer
        (1.5, 3, 0.3, 4, 8),  # it was set back
        (0.1, 0.2, 0.4, 0.8),  # round trips that grow
    ],
)
def test_other_losses_do_not(tmp_path: Path, waits: Sequence[float]) -> None:
    assert lossy(tmp_path, waits) is None
    assert Fact.BACKS_OFF_LONGER not in facts(tmp_path)
