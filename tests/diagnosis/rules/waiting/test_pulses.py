"""D49 of programs that stand still again and again."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire


class Beat(NamedTuple):
    """How a server answers that runs for 200 ms of each second."""

    connections: int = 4
    asks: int = 3
    """How often each client asks in a second: all but the last are answered at once."""
    is_common: bool = True
    """Whether it runs at the same instants for all."""


def answered(tmp_path: Path, how: Beat) -> str:
    """Play it for ten seconds, and return what is told of it."""

    def play(wire: Wire) -> None:
        for number in range(how.connections):
            late = 0.0 if how.is_common else 0.17 * number
            talk = wire.talk(f"10.0.0.{10 + number}:40001", "10.0.0.2:9100", at=late).play(HANDSHAKE)
            for second in range(1, 11):
                for ask in range(how.asks):
                    said = second + 0.05 * ask + 0.002 * number
                    is_last = ask == how.asks - 1
                    answer = second + 1 + 0.001 * number - 0.0005 if is_last else said + 0.001
                    talk.play(f"{said} > P. 20\n{said + 0.0004} < .\n{answer} < P. 20\n{answer + 0.0002} > .")

    finding = told(tmp_path, play).get("D49")
    return finding.explanation if finding else ""


def test_all_wait_for_the_same_instants(tmp_path: Path) -> None:
    words = answered(tmp_path, Beat())
    assert "answers 4 connections at once for a while, and then none of them" in words
    assert "again every 1 s" in words


@pytest.mark.parametrize(
    "how",
    [Beat(connections=2), Beat(asks=1), Beat(is_common=False)],
    ids=["few", "once-a-beat", "each-by-itself"],
)
def test_rhythms_that_tell_of_no_pause(tmp_path: Path, how: Beat) -> None:
    assert "at once for a while" not in answered(tmp_path, how)
