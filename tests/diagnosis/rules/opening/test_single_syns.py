"""D01: single SYNs that one socket leaves unanswered."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire


@pytest.mark.parametrize(("every", "is_told"), [(0.7, True), (0.4, False)])
def test_single_syns_that_a_socket_leaves_unanswered_for_seconds(
    tmp_path: Path, every: float, *, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(7):
            wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:83", at=every * number).play("0 > S")
        wire.talk("10.0.0.1:39000", "10.0.0.3:81", at=6).play("0 > S\n0.001 < S.\n0.0011 > .\n1 > F.")

    assert ("D01" in told(tmp_path, play)) is is_told


@pytest.mark.parametrize("others_answer", [True, False])
def test_single_syns_to_a_port_whose_host_answers_at_others(tmp_path: Path, *, others_answer: bool) -> None:
    def play(wire: Wire) -> None:
        if others_answer:
            wire.talk("10.0.0.1:39000", "10.0.0.2:81").play(
                "0 > S\n0.001 < S.\n0.0011 > .\n9 > F.\n9.001 < F.\n9.002 > ."
            )
        for number in range(7):  # the last may yet be answered
            wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:83", at=1.5 * number).play("0 > S")

    finding = told(tmp_path, play)["D01"]
    assert finding.count == 6
    assert any("a host that is down: ruled out" in rival for rival in finding.rivals) is others_answer
    assert any("one-way capture" in rival for rival in finding.rivals) is not others_answer


@pytest.mark.parametrize(
    ("late", "others", "is_told"),
    [(0.25, 0, True), (2.5, 0, False), (0.25, 60, False)],
    ids=["each-time", "later", "beside-many"],
)
def test_a_client_that_falls_back_to_the_other_version_of_ip(
    tmp_path: Path, late: float, others: int, *, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(7):
            wire.talk(f"[fd00::1]:{40_001 + number}", "[fd00::2]:83", at=3.0 * number).play("0 > S")
            wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:83", at=3.0 * number + late).play(
                "0 > S\n0.001 < S.\n0.0011 > .\n0.2 > F.\n0.201 < F.\n0.202 > ."
            )

        for number in range(others):
            wire.talk(f"10.0.0.9:{41_001 + number}", "10.0.0.2:83", at=0.3 * number).play(
                "0 > S\n0.001 < S.\n0.0011 > .\n0.2 > F.\n0.201 < F.\n0.202 > ."
            )

    told_of = told(tmp_path, play)["D01"].explanation
    assert ("by a connection to 10.0.0.2:83, which was accepted" in told_of) is is_told
