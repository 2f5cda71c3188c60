"""D59: connections that their server closes at one age, though they are in use."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Confidence, Severity


def used(
    wire: Wire, ages: tuple[float, ...], *, asked: int = 5, closer: str = "<", idle: float = 0.1
) -> None:
    """Let connections be asked now and then, and one end close each at its age, ``idle`` seconds after a word."""
    for number, age in enumerate(ages):
        talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:50051", at=7.0 * number).play(GREETING)
        for step in reversed(range(asked)):
            at = age - idle - 2.0 * step
            talk.play(f"{at} > P. 60\n{at + 0.001} < P. 90\n{at + 0.0011} > .")
        other = "<" if closer == ">" else ">"
        talk.play(f"{age} {closer} F.\n{age + 0.001} {other} F.\n{age + 0.0011} {closer} .")


@pytest.mark.parametrize(
    ("ages", "how", "is_told"),
    [
        ((30.0, 30.1, 30.0, 30.2), {}, True),
        ((30.0, 30.1, 30.0, 33.0), {}, False),  # not the same
        ((30.0, 30.1, 30.0), {}, False),  # three
        ((30.0, 30.1, 30.0, 30.2), {"asked": 0}, False),  # one request each
        ((30.0, 30.1, 30.0, 30.2), {"closer": ">"}, False),
        ((30.0, 30.1, 30.0, 30.2), {"idle": 5.0}, False),  # a silence ended them
        ((8.0, 8.0, 8.0, 8.0), {"asked": 3}, False),  # young
    ],
)
def test_connections_are_closed_at_one_age(
    tmp_path: Path, ages: tuple[float, ...], how: dict[str, Any], is_told: bool
) -> None:
    finding = told(tmp_path, lambda wire: used(wire, ages, **how)).get("D59")
    assert (finding is not None) is is_told
    if finding:
        assert "closed 4 connections of client 10.0.0.9 at an age of 30 s each" in finding.explanation


def test_a_client_whose_connections_grow_older_knows_no_such_limit(tmp_path: Path) -> None:
    finding = told(tmp_path, lambda wire: used(wire, (30.0, 30.1, 30.0, 30.2, 90.0, 120.0))).get("D59")
    assert finding is None


def test_a_server_that_says_so_after_a_silence_waits_for_it(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(5):
            talk = wire.talk(f"10.0.0.{9 + number}:40000", "10.0.0.2:6432", at=7.0 * number).play(GREETING)
            talk.play("0.1 > P. 60\n0.101 < P. 90\n0.2 > P. 60\n0.201 < P. 90\n0.3 > P. 80\n0.34 < .")
            talk.play("30 < P. 70\n30.0001 < F.\n30.001 > F.\n30.0011 < .")

    assert "D59" not in told(tmp_path, play)


@pytest.mark.parametrize(
    ("age", "steps", "is_told"),
    [(600.0, 20, True), (617.0, 20, False), (600.0, 4, False)],
    ids=["minutes", "of-its-own-length", "said-little"],
)
def test_streams_that_end_when_minutes_are_full(
    tmp_path: Path, age: float, steps: int, *, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.{20 + number}:40000", "10.0.0.2:443", at=70.0 * number).play(GREETING)
            for step in range(1, steps + 1):
                talk.play(f"{age * step / (steps + 1)} < P. 900\n{age * step / (steps + 1) + 0.01} > .")
            talk.play(f"{age - 1} < P. 900\n{age - 0.99} > .")
            talk.play(f"{age} < F.\n{age + 0.01} > F.\n{age + 0.011} < .")

    assert ("D59" in told(tmp_path, play)) == is_told


@pytest.mark.parametrize(
    ("how", "is_told"),
    [
        ({}, True),
        ({"closer": "<"}, True),
        ({"count": 8}, False),
        ({"spread": 1.0}, False),
        ({"pause": 5.0}, False),
        ({"idle": 6.0}, False),
        ({"lasts": True}, False),
        ({"age": 7.0}, False),
    ],
    ids=["by-client", "by-server", "few", "not-alike", "not-replaced", "idle", "one-lasts", "young"],
)
def test_ages_that_are_alike_where_each_is_replaced(
    tmp_path: Path, how: dict[str, Any], *, is_told: bool
) -> None:
    """gRPC: GOAWAY comes at an age that is spread by a tenth, and the client goes over to a new connection."""

    def play(
        wire: Wire,
        *,
        closer: str = ">",
        count: int = 10,
        spread: float = 0.2,
        pause: float = -0.1,
        idle: float = 0.1,
        age: float = 12.0,
        lasts: bool = False,
    ) -> None:
        at = 0.0
        for number in range(count):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:50051", at=at).play(GREETING)
            lasted = age * (1 + spread * (number * 7 % count) / count)
            for step in range(1, 13):
                when = (lasted - idle) * step / 12
                talk.play(f"{when} > P. 60\n{when + 0.001} < P. 90\n{when + 0.0011} > .")
            other = "<" if closer == ">" else ">"
            talk.play(f"{lasted} {closer} F.\n{lasted + 0.001} {other} F.\n{lasted + 0.0011} {closer} .")
            at += lasted + pause
        if lasts:
            talk = wire.talk("10.0.0.9:50000", "10.0.0.2:50051").play(GREETING)
            talk.play("0.1 > P. 60\n0.101 < P. 90\n60 > P. 60\n60.001 < P. 90\n60.0011 > .")

    finding = told(tmp_path, lambda wire: play(wire, **how)).get("D59")
    assert (finding is not None) is is_told
    if finding:
        assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.POSSIBLE)
        assert "9 connections to 10.0.0.2:50051 ended at an age of 12 s to 14.2 s" in finding.explanation
