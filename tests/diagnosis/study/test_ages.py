"""D39: connections of one socket that are reset at one age."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import T0, Look, found, look
from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Confidence, Finding, State
from wirestat.timers import SECOND


def reset(age: int, *facts: str, began: int = 0) -> Look:
    """A connection that began at a second, and that the server reset when it was so many seconds old."""
    return look(
        "client:sent-data",
        "server:sent-data",
        "server:rst-sent",
        "server:rst-aborts",
        *facts,
        client=State.CLOSED,
        server=State.CLOSED,
        frame_of={"server:rst-sent": began + age, "server:rst-aborts": began + age},
        whole={"first_time_ns": T0 + began * SECOND},
    )


def of_one_age(*facts: str) -> dict[str, Finding]:
    """Three connections that began minutes apart, and were reset at one age."""
    ages = (7200, 7201, 7210)
    return found(*(reset(age, *facts, began=300 * number) for number, age in enumerate(ages)))


def test_three_of_one_age_are_a_limit() -> None:
    findings = of_one_age()
    assert findings.keys() == {"D39"}
    assert findings["D39"].count == 3
    assert "at an age of 2 h, as 3 of its connections were" in findings["D39"].explanation


@pytest.mark.parametrize(
    "others",
    [
        (reset(7200, began=300), reset(3600, began=600)),
        (reset(7200, began=300),),
        (reset(7200, "mid-stream", began=300), reset(7200, "mid-stream", began=600)),
        (reset(7200), reset(7200)),
    ],
)
def test_different_ages_few_or_unknown_are_none(others: tuple[Look, ...]) -> None:
    findings = found(reset(7200), *others)
    assert "D39" not in findings
    assert "D27" in findings


def test_young_connections_have_other_reasons() -> None:
    assert "D39" not in found(reset(30), reset(30, began=300), reset(30, began=600))


def test_of_an_end_that_was_not_captured_nobody_knows_what_it_said() -> None:
    assert of_one_age("one-way")["D39"].confidence is Confidence.POSSIBLE
    assert of_one_age()["D39"].confidence is not Confidence.POSSIBLE


def test_an_age_is_told_and_not_the_silence_before_it(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"[2001:db8::{number}]:40000", "[2001:db8::99]:443", at=number * 777.7).play(
                GREETING
            )
            for minute in range(1, 60):
                talk.play(
                    f"{minute * 60} > P. {50 + number}\n{minute * 60}.01 < P. 80\n{minute * 60}.0101 > ."
                )
            talk.play("3600.02 < R.")

    findings = told(tmp_path, play)
    assert "at an age of 1 h, as 4 of its connections were" in findings["D39"].explanation
    assert "D30" not in findings


def test_resets_that_a_request_draws_after_a_long_silence(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.{7 + number}:40000", "10.0.0.2:80", at=7.0 * number).play(GREETING)
            talk.play("95 > P. 80\n95.001 < R.")

    assert "D39" not in told(tmp_path, play)
