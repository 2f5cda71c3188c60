"""D49 of programs that stand still again and again."""

from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from wirestat.diagnosis.rules.waiting.pulses import common_period
from wirestat.model import Side, Sighting
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact


class Beat(NamedTuple):
    """How a server answers that runs for 200 ms of each second."""

    connections: int = 4
    asks: int = 3
    """How often each client asks in a second: all but the last are answered at once."""
    is_common: bool = True
    """Whether it runs at the same instants for all."""
    brief: int = 0
    """How many others ask once, and leave."""


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

        for number in range(how.brief):
            wire.talk(f"10.0.0.9:{41000 + number}", "10.0.0.2:9100", at=1.3 + number).play(HANDSHAKE).play(
                "0.01 > P. 20\n0.0104 < .\n0.7 < P. 20\n0.7002 > F.\n0.701 < F.\n0.7012 > ."
            )

    finding = told(tmp_path, play).get("D49")
    return finding.explanation if finding else ""


@pytest.mark.parametrize("how", [Beat(), Beat(brief=8)], ids=["kept", "beside-brief-ones"])
def test_all_wait_for_the_same_instants(tmp_path: Path, how: Beat) -> None:
    words = answered(tmp_path, how)
    assert "answers 4 connections at once for a while, and then none of them" in words
    assert "again every 1 s" in words


@pytest.mark.parametrize(
    "how",
    [Beat(connections=2), Beat(asks=1), Beat(is_common=False)],
    ids=["few", "once-a-beat", "each-by-itself"],
)
def test_rhythms_that_tell_of_no_pause(tmp_path: Path, how: Beat) -> None:
    assert "at once for a while" not in answered(tmp_path, how)


def test_rhythms_are_averages_and_instants_tell_better() -> None:
    beats = [
        Sighting(Fact.HEARTBEATS, Side.SERVER, number, round(at * SECOND), round(period * SECOND))
        for number, (at, period) in enumerate(((8.25, 1.03), (8.27, 1.035), (11.28, 1.02), (14.25, 1.01)))
    ]
    assert common_period(beats) == SECOND
    assert not common_period(beats[1:])  # of three, the first and the last agree whatever they are
    assert not common_period([*beats, msgspec.structs.replace(beats[0], time_ns=round(9.75 * SECOND))])
