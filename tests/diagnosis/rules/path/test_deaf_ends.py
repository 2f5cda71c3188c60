"""D46 of an end whose words were made longer on the way, and whose own numbers stay behind."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire


@pytest.mark.parametrize(("shorter", "expected"), [(4, True), (0, False)])
def test_its_numbers_are_below_what_it_sent(tmp_path: Path, shorter: int, expected: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.5:40000", "10.0.0.2:21").play(GREETING)
        talk.play("1 < P. 51\n1.001 > .\n1.1 > P. 6")
        known, asked = talk.server.next - shorter, talk.client.next - 6
        at, wait = 1.3, 0.2
        for _ in range(7):
            talk.play(f"{at:.3f} < P. again ack={asked}\n{at + 0.001:.3f} > .")
            talk.play(f"{at + 0.01:.3f} > P. again\n{at + 0.02:.3f} < . seq={known} ack={asked}")
            at, wait = at + wait, 2 * wait

    finding = told(tmp_path, play).get("D46")
    assert (finding is not None and "numbered below" in finding.explanation) is expected
