"""Waits that no retry explains (D34, D49), and equal ages and limits (D02, D39)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Talk, Wire
from tests.packets.files import pcap
from wirestat import analyze
from wirestat.model import Finding

SERVER = "10.0.0.2:80"


def told(tmp_path: Path, id: str, count: int, tell: Callable[[Talk, int], None]) -> Finding | None:
    """Let several connections of one client be told, and return what a rule says of them."""
    wire = Wire()
    for number in range(count):
        tell(wire.talk(f"10.0.0.9:{40_000 + number}", SERVER, at=number * 3.0), number)
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(wire.in_order()))
    return next((finding for finding in analyze(path).findings if finding.id == id), None)


@pytest.mark.parametrize(("late", "is_told"), [(0.9, True), (0.4, False)])
def test_some_answers_are_late(tmp_path: Path, late: float, is_told: bool) -> None:
    def tell(talk: Talk, number: int) -> None:
        wait = late if number % 4 == 0 else 0.001
        talk.play(f"0 > S\n{wait} < S.\n{wait + 0.0001} > .").play(FAREWELL, at=wait + 1)

    assert (told(tmp_path, "D34", 16, tell) is not None) is is_told


def test_answers_that_are_always_late_are_the_way_s(tmp_path: Path) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play("0 > S\n0.8 < S.\n0.8001 > .").play(FAREWELL, at=2)

    assert told(tmp_path, "D34", 16, tell) is None


@pytest.mark.parametrize(("growth", "is_told"), [(0.0, True), (3.0, False)])
def test_greetings_that_are_equally_late(tmp_path: Path, growth: float, is_told: bool) -> None:
    def tell(talk: Talk, number: int) -> None:
        wait = 5 + growth * number
        talk.play(HANDSHAKE).play(
            f"{wait} < P. 60\n{wait + 0.01} > P. 20\n{wait + 0.02} < P. 40\n{wait + 0.03} > ."
        )

    finding = told(tmp_path, "D49", 5, tell)
    assert (finding is not None and "speaks first" in finding.explanation) is is_told


@pytest.mark.parametrize("survivors", [0, 3])
def test_a_limit_to_the_age_is_none_that_others_outlive(tmp_path: Path, survivors: int) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING)
        for at in range(10, 100, 10):
            talk.play(f"{at} > P. 60\n{at}.001 < P. 60\n{at}.002 > .")
        talk.play(
            "100 > P. 60\n100.001 < P. 60\n200 > P. 60\n200.001 < ." if number < survivors else "91 < R."
        )

    assert (told(tmp_path, "D39", 8, tell) is None) is (survivors > 0)


def test_refusals_beside_other_numbers_of_open_connections_are_no_limit(tmp_path: Path) -> None:
    def tell(talk: Talk, number: int) -> None:
        if number % 3 == 2:
            talk.play("0 > S\n0.001 < R.")
        else:
            talk.play(GREETING)

    finding = told(tmp_path, "D02", 9, tell)
    assert finding
    assert "limit for each client" not in finding.explanation
