"""D04: hosts that the SYN-ACK reaches and that do not take it."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, Wire
from wirestat.model import Fault

NEAR = "0 > S\n0.0015 < S.\n0.00154 > .\n0.002 > P. 100\n0.004 < P. 300\n0.0041 > ."
BETWEEN = "0 > S\n0.0015 < S.\n0.003 > .\n0.004 > P. 100\n0.006 < P. 300\n0.0075 > ."


@pytest.mark.parametrize(
    ("others", "is_there"),
    [((NEAR, NEAR, NEAR), True), ((NEAR, NEAR), False), ((BETWEEN, BETWEEN, BETWEEN), False), ((), False)],
)
def test_the_tap_is_at_a_host_that_does_not_take_it(
    tmp_path: Path, others: tuple[str, ...], is_there: bool
) -> None:
    def play(wire: Wire) -> None:
        for number, lines in enumerate(others):
            other = wire.talk(f"10.0.0.9:{41_000 + number}", "10.0.0.3:443", at=20.0 * number)
            other.play(lines).play(FAREWELL, at=1)
        deaf = wire.talk("10.0.0.9:40000", "10.8.0.2:443")
        deaf.play("0 > S\n0.009 < S.\n1 > S again\n1.009 < S. again\n3 > S again\n3.009 < S. again")

    finding = told(tmp_path, play)["D04"]
    assert (finding.fault is Fault.CLIENT) == is_there
    assert any("rp_filter" in rival for rival in finding.rivals) == is_there
