"""D58: connections that their server closes as a newer one comes."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, Talk, Wire
from wirestat.model import Severity


def sessions(wire: Wire, *, clients: int, rounds: int, late: float, closer: str = "<") -> None:
    """Let clients log in, in turn; one end closes the session before, ``late`` seconds after the newer was opened."""
    before: Talk | None = None
    for number in range(rounds):
        start = 6.0 * number
        talk = wire.talk(f"10.0.0.{9 + number % clients}:{40_000 + number}", "10.0.0.2:1883", at=start)
        talk.play(GREETING).play("2 > P. 40\n2.001 < .")
        if before:
            gone, other = start + 0.0011 + late - before.start, "<" if closer == ">" else ">"
            before.play(f"{gone} {closer} F.\n{gone + 0.001} {other} F.\n{gone + 0.002} {closer} .")
        before = talk


@pytest.mark.parametrize(
    ("clients", "rounds", "severity"),
    [
        (2, 8, Severity.WARNING),
        (1, 8, Severity.NOTE),
        (7, 7, Severity.NOTE),  # a limit: nobody throws the same one out twice
        (2, 3, None),  # twice is chance
    ],
)
def test_a_newer_connection_has_the_older_closed(
    tmp_path: Path, clients: int, rounds: int, severity: Severity | None
) -> None:
    finding = told(tmp_path, lambda wire: sessions(wire, clients=clients, rounds=rounds, late=0.01)).get(
        "D58"
    )
    assert (finding and finding.severity) == severity
    if finding:
        assert ("take turns" in finding.explanation) is (severity is Severity.WARNING)


def test_who_renews_his_connection_closes_the_old_one_himself(tmp_path: Path) -> None:
    assert (
        told(tmp_path, lambda wire: sessions(wire, clients=1, rounds=8, late=0.01, closer=">")).get("D58")
        is None
    )


def test_a_close_that_comes_later_has_another_cause(tmp_path: Path) -> None:
    assert told(tmp_path, lambda wire: sessions(wire, clients=2, rounds=8, late=0.5)).get("D58") is None


def test_closes_are_near_to_some_opening_where_there_are_many(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        sessions(wire, clients=2, rounds=8, late=0.01)
        for number in range(500):
            talk = wire.talk(f"10.0.1.9:{30_000 + number}", "10.0.0.2:1883", at=0.09 * number)
            talk.play(GREETING).play(FAREWELL, at=0.03)

    assert told(tmp_path, play).get("D58") is None


@pytest.mark.parametrize(
    ("late", "is_told"),
    [
        (0.0001, True),
        (0.03, False),  # while so many are opened, any close is as near to one
    ],
)
def test_where_many_are_opened_only_closes_at_the_very_moment_count(
    tmp_path: Path, *, late: float, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        held: list[Talk] = []
        for number in range(16):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:80", at=0.2 * number).play(GREETING)
            if number >= 6:
                old = held.pop(0)
                gone = 0.2 * number + 0.0011 + late - old.start
                old.play(f"{gone} < F.\n{gone + 0.001} > F.\n{gone + 0.0011} < .")
            held.append(talk)

    assert ("D58" in told(tmp_path, play)) is is_told
