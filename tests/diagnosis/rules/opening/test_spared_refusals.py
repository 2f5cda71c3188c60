"""D01 of SYNs that go unanswered amid refusals: so many as a host sends in a second, or any."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire


def _limit_is_named(tmp_path: Path, most: int) -> bool:
    """Refuse so many of twenty SYNs in each of ten seconds, and leave the others alone; say what D01 tells."""

    def play(wire: Wire) -> None:
        for number in range(200):
            talk = wire.talk(
                f"10.0.0.5:{40_000 + number}", "10.0.0.2:80", at=number // 20 + 0.01 * (number % 20)
            )
            if number % 20 < most:
                talk.play("0 > S\n0.001 < R. seq=0")
            else:
                talk.play("0 > S\n1.3 > S again\n3.3 > S again\n7.3 > S again\n7.301 < R. seq=0")

    finding = told(tmp_path, play)["D01"]
    return any("a limit on how many resets the host sends in a second" in rival for rival in finding.rivals)


@pytest.mark.parametrize(("most", "expected"), [(15, True), (4, False)])
def test_many_were_refused_in_the_second_before_each(tmp_path: Path, most: int, expected: bool) -> None:
    assert _limit_is_named(tmp_path, most) is expected
