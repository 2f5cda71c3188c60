"""D16 of those who waited for a worker that was ended."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from wirestat.model import Fault


class Queue(NamedTuple):
    """How a server treats eight clients of whom every second one meets a worker that stands still."""

    waiting: int = 4
    served: int = 4
    apart: float = 0.001
    """How far apart the resets come, in s."""
    spread: float = 0.5
    """How far apart the clients come, in s."""


def play(tmp_path: Path, how: Queue) -> str:
    """Play it, and return what D16 says."""

    def lines(wire: Wire) -> None:
        for number in range(how.waiting):
            began = how.spread * number
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:9000", at=began).play(HANDSHAKE)
            talk.play(f"0.002 > P. 20\n0.0024 < .\n{8 + how.apart * number - began} < R.")
        for number in range(how.served):
            talk = wire.talk(f"10.0.0.1:{41_001 + number}", "10.0.0.2:9000", at=0.3 + how.spread * number)
            talk.play(HANDSHAKE).play(
                "0.002 > P. 20\n0.003 < P. 20\n0.0034 > .\n0.004 > F.\n0.005 < F.\n0.0051 > ."
            )

    finding = told(tmp_path, lines)["D16"]
    assert finding.fault is Fault.SERVER
    return finding.explanation + " ".join(finding.rivals)


def test_those_who_waited_for_a_worker_end_with_it(tmp_path: Path) -> None:
    words = play(tmp_path, Queue())
    assert "with 4 connections at one instant, of which the first had waited for 8 s" in words
    assert "answered 4 other connections meanwhile" in words
    assert "SO_REUSEPORT" in words


@pytest.mark.parametrize(
    "how",
    [Queue(waiting=2), Queue(served=2), Queue(apart=0.5), Queue(spread=0.1)],
    ids=["few", "few-are-served", "one-by-one", "all-came-at-once"],
)
def test_resets_that_tell_of_no_worker(tmp_path: Path, how: Queue) -> None:
    assert "SO_REUSEPORT" not in play(tmp_path, how)


def drained(tmp_path: Path, *, goes_on: float = 6.0) -> str:
    """Let a server go on with two clients until some instant, take nobody from 1 s on, and end at 8 s."""

    def lines(wire: Wire) -> None:
        for number in range(2):
            old = wire.talk(f"10.0.0.1:{42_001 + number}", "10.0.0.2:9000", at=0.0).play(HANDSHAKE)
            old.play("0.002 > P. 20\n0.003 < P. 20\n0.0034 > .\n0.5 > P. 20\n0.503 < P. 20\n0.5034 > .")
            old.play(f"{goes_on} > F.\n{goes_on + 0.001} < F.\n{goes_on + 0.0011} > .")
        for number in range(5):
            began = 1 + number
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:9000", at=began).play(HANDSHAKE)
            talk.play(f"0.002 > P. 20\n0.0024 < .\n{8 + 0.001 * number - began} < R.")

    return told(tmp_path, lines)["D16"].explanation


def test_a_program_that_drains_takes_nobody_and_ends_with_those_who_waited(tmp_path: Path) -> None:
    told = drained(tmp_path)
    assert "with it all 5 connections that had waited since" in told
    assert "went on with 2 older connections" in told


def test_a_program_that_went_on_with_nobody_may_have_stood_still(tmp_path: Path) -> None:
    assert "accept()" not in drained(tmp_path, goes_on=0.6)
