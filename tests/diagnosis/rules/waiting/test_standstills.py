"""D49: programs that stand still for once, and answers that come after a time-out."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from wirestat.model import Severity


def asked(wire: Wire, waits: list[float], *, quick: int = 0) -> None:
    """Let clients ask each second, of whom some wait once; others are answered at once all along."""
    for number, wait in enumerate([*waits, *[0.0] * quick]):
        begin = 0.15 * number
        talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:6379", at=begin).play(HANDSHAKE)
        for at in range(1, 30):
            if 6 <= at < 6 + wait:
                continue
            talk.play(f"{at} > P. 60\n{at + 0.0001} < P. 70\n{at + 0.0002} > .")
            if at == 5 and wait:
                talk.play(f"6 > P. 60\n6.04 < .\n{5.9 + wait} < P. 70\n{5.9001 + wait} > .")


@pytest.mark.parametrize(
    ("waits", "quick", "is_told"),
    [
        ([8, 8, 8, 8], 0, True),
        ([8, 8], 0, False),  # two wait by chance
        ([8, 8, 8, 8], 1, False),  # one is answered all along: the program ran
        ([6, 8, 14, 20], 0, False),  # waits of all lengths do not end at one instant
        ([3, 3, 3, 3], 0, False),  # short
    ],
)
def test_all_wait_once(tmp_path: Path, waits: list[float], quick: int, *, is_told: bool) -> None:
    finding = told(tmp_path, lambda wire: asked(wire, waits, quick=quick)).get("D49")
    assert (finding is not None and "stood still, it seems" in finding.explanation) is is_told
    if is_told and finding:
        assert finding.severity is Severity.NOTE


@pytest.mark.parametrize(
    ("waits", "is_told"),
    [
        ([3, 3.1, 5, 5.01, 5, 5.02, 5, 5.9], True),
        ([5, 5.01, 5, 5.02, 5, 5.9, 5.8, 5.6], False),  # nobody was answered sooner: it takes so long
        ([5, 5.01, 5, 5.02, 5, 5], False),
        ([3, 3.5, 4, 4.5, 5, 5.5, 6], False),
    ],
)
def test_answers_that_come_after_a_time_out(tmp_path: Path, waits: list[float], *, is_told: bool) -> None:
    def play(wire: Wire) -> None:
        for number, wait in enumerate(waits):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:80", at=0.05 * number).play(HANDSHAKE)
            talk.play(f"0.002 > P. 80\n0.0021 < .\n{wait} < P. 230\n{wait + 0.0001} > .")

    finding = told(tmp_path, play).get("D49")
    assert finding is not None
    assert ("all equally late" in finding.explanation) is is_told
