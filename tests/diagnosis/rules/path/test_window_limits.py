"""D60: transfers as fast as one receive window in each round trip."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire


def upload(
    wire: Wire, *, trip: float = 0.04, rounds: int = 60, window: int = 60_000, sent: int = 60_000
) -> None:
    """Send so much in each round trip, to a receiver with so large a window."""
    talk = wire.talk("10.0.0.9:40000", "10.0.0.2:873", server_scale=0, server_window=window)
    talk.play(f"0 > S\n{trip} < S.\n{trip + 0.0001} > .")
    for number in range(rounds):
        at = trip * (number + 1) + 0.001
        talk.play(f"{at} > P. {sent}\n{at + trip - 0.0005} < .")


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({}, True),
        ({"sent": 30_000}, False),  # something else limits it
        ({"trip": 0.0045, "rounds": 500, "window": 20_000, "sent": 20_000}, False),  # it is near
        ({"rounds": 12}, False),  # it is soon over
    ],
)
def test_a_window_in_each_round_trip(tmp_path: Path, changes: dict[str, Any], is_told: bool) -> None:
    finding = told(tmp_path, lambda wire: upload(wire, **changes)).get("D60")
    assert (finding is not None) == is_told
    if finding:
        assert "60,000 bytes" in finding.explanation
        assert "10.0.0.2:873" in finding.explanation


def test_what_is_sent_again_has_another_cause(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        upload(wire)
        wire.talk("10.0.0.9:40001", "10.0.0.2:874").play("0 > S\n0.04 < S.\n0.0401 > .")
        talk = wire.talk("10.0.0.9:40002", "10.0.0.2:875", server_scale=0, server_window=60_000)
        talk.play("0 > S\n0.04 < S.\n0.0401 > .")
        for number in range(60):
            at = 0.04 * (number + 1) + 0.001
            talk.play(f"{at} > P. 60000\n{at + 0.02} > P. again\n{at + 0.0395} < .")

    assert ":875" not in told(tmp_path, play)["D60"].explanation


@pytest.mark.parametrize(("is_first_scaled", "is_named"), [(True, True), (False, False)])
def test_a_scale_that_a_socket_gives_to_others(
    tmp_path: Path, *, is_first_scaled: bool, is_named: bool
) -> None:
    def play(wire: Wire) -> None:
        scale = 7 if is_first_scaled else None
        first = wire.talk("10.0.0.9:39999", "10.0.0.2:873", server_scale=scale)
        first.play("0 > S\n0.04 < S.\n0.0401 > .\n0.05 > P. 60\n0.09 < P. 20\n0.0901 > .")
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:873", at=1, server_scale=None, server_window=60_000)
        talk.play("0 > S\n0.04 < S.\n0.0401 > .")
        for number in range(60):
            at = 0.04 * (number + 1) + 0.001
            talk.play(f"{at} > P. 60000\n{at + 0.0395} < .")

    finding = told(tmp_path, play)["D60"]
    assert any("a SYN cookie" in rival for rival in finding.rivals) == is_named
