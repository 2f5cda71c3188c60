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


@pytest.mark.parametrize(
    ("began", "ends", "others", "said"),
    [
        ((0.0, 2.0, 4.0, 6.0), (10.0, 10.0003, 10.0006, 10.0009), 0, "no other stayed open"),
        ((0.0, 2.0, 4.0, 6.0), (10.0, 10.0003, 10.0006, 10.0009), 2, "2 others stayed open"),
        ((6.0, 6.0001, 6.0002, 6.0003), (10.0, 10.0003, 10.0006, 10.0009), 0, ""),  # one time-out of all
        ((0.0, 2.0, 4.0, 6.0), (7.0, 8.0, 9.0, 10.0), 0, ""),
        ((9.98, 9.985, 9.99, 6.0), (9.99, 9.995, 10.0, 10.0009), 0, ""),  # each after its own answer
    ],
)
def test_a_reset_among_closes_of_one_instant_tells_that_a_program_ended(
    tmp_path: Path, began: Sequence[float], ends: Sequence[float], others: int, said: str
) -> None:
    """A kernel closes what a process had open: by a FIN, and by a reset where something is unread."""

    def play(wire: Wire) -> None:
        for number in range(others):
            talk = wire.talk(f"10.0.0.3:{50_000 + number}", "10.0.0.2:80", at=number).play(HANDSHAKE)
            talk.play("0.001 > P. 80\n0.0014 < P. 90\n0.0016 > .\n15 > P. 80\n15.0004 < P. 90\n15.0006 > .")
        for number, (start, end) in enumerate(zip(began, ends, strict=True)):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=start).play(HANDSHAKE)
            talk.play("0.001 > P. 80\n0.0014 < P. 90\n0.0016 > .")
            at = end - start
            if number < 3:
                talk.play(f"{at} < F.\n{at + 0.0002} > F.\n{at + 0.0003} < .")
            else:
                talk.play(f"{at - 0.5} > P. 80\n{at - 0.4995} < .\n{at} < R.")

    finding = told(tmp_path, play)["D16"]
    assert ("let go of 4 connections (1 by reset)" in finding.explanation) == bool(said)
    assert said in finding.explanation
    assert finding.advice.startswith("See whether the program") == bool(said)


@pytest.mark.parametrize("stamped", [True, False])
def test_an_abort_without_the_agreed_time_stamp_may_be_a_devices(tmp_path: Path, *, stamped: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:80")
        talk.play("0 > S ts=1000\n0.001 < S. ts=5000\n0.002 > . ts=1002\n0.1 > P. 80 ts=1100")
        talk.play("0.1004 < . ts=5100\n0.12 < R." + (" ts=5120" if stamped else ""))

    rivals = told(tmp_path, play)["D16"].rivals
    assert any(rival.startswith("a device on the way (D18): open, it lacks") for rival in rivals) != stamped


@pytest.mark.parametrize(("spread", "others", "is_told"), [(0.1, 1, True), (0.1, 0, True), (2.0, 1, False)])
def test_who_has_waited_too_long_may_be_turned_away(
    tmp_path: Path, spread: float, others: int, *, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(others):
            live = wire.talk(f"10.0.0.3:{50_000 + number}", "10.0.0.2:80").play(HANDSHAKE)
            live.play("0.001 > P. 80\n0.0014 < P. 90\n0.0016 > .\n15 > P. 80\n15.0004 < P. 90\n15.0006 > .")
        for number in range(5):
            start = 5 + spread * number
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=start).play(HANDSHAKE)
            talk.play(f"0.001 > P. 80\n0.0014 < .\n{14 + 0.0003 * number - start} < R.")

    words = told(tmp_path, play)["D16"].explanation
    assert ("it turns away who has waited for 8.6 s without an answer" in words) is is_told
