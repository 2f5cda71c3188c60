"""D09: whether the silent host is heard of on another connection meanwhile, and what silence came before."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Finding


def unanswered(tmp_path: Path, pause: float, heard: float) -> Finding:
    """The finding on a request that is sent again in vain, beside a connection that was answered last then."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:80")
        talk.play("0 > S\n0.01 < S.\n0.0101 > .\n0.02 > P. 84\n0.03 < P. 300\n0.0301 > .")
        talk.play(f"{pause} > P. 84")
        for wait in (0.2, 0.6, 1.4, 3.0, 6.2, 12.6):
            talk.play(f"{pause + wait} > P. again")
        other = wire.talk("10.0.0.1:40002", "10.0.0.2:80")
        other.play(
            f"0 > S\n0.01 < S.\n0.0101 > .\n{heard} > P. 84\n{heard + 0.01} < P. 300\n{heard + 0.0101} > ."
        )

    return told(tmp_path, play)["D09"]


@pytest.mark.parametrize(("heard", "expected"), [(3.0, False), (9.0, True)], ids=["before", "meanwhile"])
def test_a_host_lives_that_answers_after_the_first_copy(
    tmp_path: Path, heard: float, *, expected: bool
) -> None:
    finding = unanswered(tmp_path, 5.0, heard)
    assert ("the host lives" in finding.explanation) is expected
    assert any("a dead host: ruled out" in rival for rival in finding.rivals) is expected


@pytest.mark.parametrize(
    ("pause", "verdict"),
    [(0.1, "ruled out"), (7.0, "unlikely"), (30.0, "open")],
    ids=["none", "short", "long"],
)
def test_an_idle_time_out_is_weighed_by_the_silence_before(
    tmp_path: Path, pause: float, verdict: str
) -> None:
    finding = unanswered(tmp_path, pause, 0.05)
    assert any(f"time-out on the way (D08): {verdict}" in rival for rival in finding.rivals)
