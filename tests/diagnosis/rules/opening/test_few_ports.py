"""D22 of clients with few ports."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire


class Use(NamedTuple):
    """How a client uses its ports."""

    after: float = 60.5
    """How long after its close each is used again, in s."""
    ports: int = 6
    closer: str = ">"
    takes_another: bool = False
    """Whether it connects from another port since."""
    rounds: int = 2
    """How often it uses each."""


def use(tmp_path: Path, how: Use) -> str:
    """Use some ports, and each of them again; return what D22 says of it."""
    after, ports, closer, fresh, rounds = how

    def play(wire: Wire) -> None:
        for again in range(rounds):
            for number in range(ports):
                began = 0.2 * number + again * (after + 0.012)
                talk = wire.talk(f"10.0.0.1:{40_000 + number}", "10.0.0.2:80", at=began).play(GREETING)
                other = "<" if closer == ">" else ">"
                talk.play(f"0.01 {closer} F.\n0.011 {other} F.\n0.012 {closer} .")
        if fresh:
            wire.talk("10.0.0.1:41000", "10.0.0.2:80", at=after + 5).play(GREETING)

    finding = told(tmp_path, play).get("D22")
    return finding.explanation if finding else ""


def test_all_ports_are_used_again_when_their_time_wait_is_over(tmp_path: Path) -> None:
    words = use(tmp_path, Use())
    assert "10.0.0.1 used 6 ports (40000 to 40005)" in words
    assert "opened none for 59.5 s" in words


def test_ports_that_are_used_again_twice_count_once(tmp_path: Path) -> None:
    assert "then used 6 of these ports again" in use(tmp_path, Use(rounds=3))


@pytest.mark.parametrize(
    "how",
    [Use(after=90), Use(after=30), Use(takes_another=True), Use(closer="<"), Use(ports=4)],
    ids=["later", "sooner", "another-port", "server-closes", "few"],
)
def test_ports_that_are_used_again_for_other_reasons(tmp_path: Path, how: Use) -> None:
    assert use(tmp_path, how) == ""
