"""D60 of transfers that are held down by marks of congestion, and of those that are marked now and then."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.diagnosis.played import facts, told
from tests.field.talk import Wire
from wirestat.vocabulary import Fact


class Way(NamedTuple):
    """How a transfer is marked."""

    each: int = 1
    """One round in so many is."""
    flags: str = ".E"
    asked: str = "SEW"
    """The flags of the SYN."""


def _held_down(tmp_path: Path, way: Way) -> bool:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.5:40000", "10.0.0.2:443")
        talk.play(f"0 > {way.asked}\n0.03 < S.E\n0.0301 > .\n0.031 > P. 300")
        for turn in range(60):
            at = 0.062 + 0.031 * turn
            talk.play(f"{at:.3f} < . 1448 tos=3\n{at + 0.0001:.4f} < . 1448 tos=3")
            talk.play(f"{at + 0.0002:.4f} > {way.flags if turn % way.each == 0 else '.'}")

    finding = told(tmp_path, play).get("D60")
    return finding is not None and "echoed marks of congestion" in finding.explanation


def test_each_acknowledgement_echoes_a_mark(tmp_path: Path) -> None:
    assert _held_down(tmp_path, Way())
    assert facts(tmp_path)[Fact.CONGESTION_ECHOED] == 60


@pytest.mark.parametrize(
    "way",
    [
        Way(each=2),  # a queue that marks now and then
        Way(asked="SEWe"),  # the bit is one of a counter (RFC 9768)
        Way(asked="S"),  # nobody asked for ECN
    ],
)
def test_others_are_not_held_down(tmp_path: Path, way: Way) -> None:
    assert not _held_down(tmp_path, way)
