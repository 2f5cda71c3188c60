"""D16 of servers that reset requests which they never answered, each as long after it came."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire


@pytest.mark.parametrize(
    ("waits", "began", "is_told"),
    [
        ((5.0, 5.02, 4.99, 5.01), (0, 2, 4, 6), True),
        ((5.0, 2.0, 8.0, 3.5), (0, 2, 4, 6), False),
        ((5.0, 4.9, 4.95, 5.05), (0, 0.1, 0.05, -0.05), False),  # all are reset at one instant
    ],
)
def test_requests_that_are_reset_after_equal_waits_meet_a_time_out(
    tmp_path: Path, waits: Sequence[float], began: Sequence[float], *, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        for number, (wait, at) in enumerate(zip(waits, began, strict=True)):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=1 + at).play(HANDSHAKE)
            talk.play(f"0.1 > P. 80\n0.1004 < .\n{0.1 + wait} < R.")

    finding = told(tmp_path, play)["D16"]
    assert ("as late on 3 other connections that it never answered" in finding.explanation) is is_told
    assert ("a proxy's for its backend" in finding.advice) is is_told
