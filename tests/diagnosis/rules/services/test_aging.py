"""D39: connections that are reset at one age by who has forgotten them."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from wirestat.model import Fault


@pytest.mark.parametrize(
    ("apart", "ages", "is_told"),
    [
        (40, (300, 300, 300), True),
        (40, (300, 310, 300), False),  # of several ages
        (40, (300, 300), False),  # two
        (0.1, (300, 300, 300), False),  # one restart of them all
    ],
)
def test_a_device_forgets_busy_connections_of_one_age(
    tmp_path: Path, apart: float, ages: tuple[float, ...], is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        for number, age in enumerate(ages):
            talk = wire.talk(f"10.0.0.{10 + number}:40000", "10.0.0.2:443", at=apart * number).play(HANDSHAKE)
            for step in range(1, int(age) // 5):
                talk.play(f"{5 * step} > P. 90\n{5 * step + 0.01} < P. 400\n{5 * step + 0.0101} > .")
            talk.play(f"{age} > P. 90\n{age + 0.01} < R")

    finding = told(tmp_path, play).get("D39")
    assert (finding is not None) == is_told
    if finding is not None:
        assert "at an age of 5 min" in finding.explanation
        assert finding.fault is Fault.UNDECIDED
