"""D63: connections whose time goes into round trips."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Confidence, Fault, Severity


def talk_in_turn(
    wire: Wire,
    number: int,
    *,
    trip: float = 0.15,
    turns: int = 6,
    server: float = 0.001,
    client: float = 0.001,
    lost: bool = False,
) -> None:
    """Connect, ask so often in turn, and leave; the tap is at the client."""
    talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.9.0.2:3306", at=5.0 * number)
    talk.play(f"0 > S\n{trip} < S.\n{trip + 0.0001} > .")
    at = trip + 0.001
    for _ in range(turns):
        talk.play(f"{at} > P. 40")
        if lost:
            talk.play(f"{at + 0.5 * trip} > P. again")
        talk.play(f"{at + trip + server} < P. 120")
        at += trip + server + client
    talk.play(f"{at} > F.\n{at + trip} < F.\n{at + trip + 0.0001} > .")


@pytest.mark.parametrize(
    ("count", "changes", "is_told"),
    [
        (3, {}, True),
        (2, {}, False),  # it may be chance
        (3, {"trip": 0.01, "turns": 60}, False),  # it is near
        (3, {"turns": 3}, False),  # a handshake of TLS, and a request
        (3, {"server": 0.1}, False),  # the server takes its time
        (3, {"client": 0.4}, False),  # nobody waits but the client, for itself
        (3, {"trip": 0.05, "turns": 5}, False),  # it is soon over
        (3, {"lost": True}, False),  # it may be loss
    ],
    ids=["far", "few", "near", "few-turns", "slow-server", "slow-client", "soon-over", "lost"],
)
def test_exchanges_in_turn_far_away(
    count: int, changes: dict[str, Any], is_told: bool, tmp_path: Path
) -> None:
    def play(wire: Wire) -> None:
        for number in range(count):
            talk_in_turn(wire, number, **changes)

    finding = told(tmp_path, play).get("D63")
    assert (finding is not None) is is_told
    if finding:
        assert (finding.severity, finding.confidence, finding.fault) == (
            Severity.INFO,
            Confidence.LIKELY,
            Fault.PATH,
        )
        assert "6 exchanges in turn and the handshake, each a round trip of 150 ms" in finding.explanation


def test_round_trips_that_a_transfer_makes_long_are_told_of_it(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(6):
            talk_in_turn(wire, number, trip=0.01 if number < 3 else 0.15)
        upload = wire.talk("10.0.0.1:39000", "10.9.0.9:873", at=14).play("0 > S\n0.01 < S.\n0.0101 > .")
        for number in range(16):
            upload.play(f"{0.1 + number} > . 60000\n{0.2 + number} < .")

    found = told(tmp_path, play)
    assert "D64" in found
    assert "D63" not in found
