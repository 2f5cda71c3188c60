"""D08 where longer silences were survived earlier, or nearly as long ones."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire


@pytest.mark.parametrize(("earlier", "expected"), [(2000, True), (500, False)])
def test_a_longer_silence_was_survived_before(tmp_path: Path, earlier: int, expected: bool) -> None:
    def play(wire: Wire) -> None:
        first = wire.talk("10.0.0.5:40000", "10.0.0.2:22").play(GREETING)
        first.play(f"{earlier} > P. 20\n{earlier}.01 < P. 20\n{earlier}.02 > .")
        later = wire.talk("10.0.0.6:40001", "10.0.0.2:22", at=earlier + 100).play(GREETING)
        later.play("400 > P. 20\n400.3 > P. again\n400.9 > P. again\n402.1 > P. again\n404.5 > P. again")
        later.play("409.3 > P. again\n418.9 > P. again")

    finding = told(tmp_path, play)["D08"]
    assert ("no idle time-out of one length" in finding.explanation) is expected
