"""D13 of streams that stop after about as many bytes, and what looks nearly like it."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire

SERVER = "203.0.113.9:443"


def stopped(tmp_path: Path, *, segments: tuple[int, ...] = (8, 8, 8), heard_at: float | None = None) -> str:
    """Play a client that closes, long after the last segment of each stream, and is not answered."""

    def play(wire: Wire) -> None:
        for number, many in enumerate(segments):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=5.0 * number)
            talk.play("0 > S\n0.04 < S.\n0.0401 > .\n0.041 > P. 300")
            for step in range(many):
                talk.play(f"{0.09 + 0.001 * step:.3f} < . 1448\n{0.0901 + 0.001 * step:.4f} > .")
            talk.play(
                "40 > F.\n40.2 > F. again\n40.6 > F. again\n41.4 > F. again\n43 > F. again\n46.2 > F. again"
            )
        if heard_at is not None:
            talk = wire.talk("10.0.0.1:41000", SERVER, at=heard_at)
            talk.play("0 > S\n0.04 < S.\n0.0401 > .\n0.041 > P. 300\n0.09 < P. 900\n0.0901 > .")
            talk.play("0.1 > F.\n0.14 < F.\n0.1401 > .")

    return told(tmp_path, play)["D13"].explanation


@pytest.mark.parametrize(("heard_at", "is_sure"), [(47.0, True), (20.0, False), (None, False)])
def test_streams_stop_after_so_many_bytes(tmp_path: Path, heard_at: float | None, is_sure: bool) -> None:
    said = stopped(tmp_path, heard_at=heard_at)
    assert "on 3 connections its segments stop after 11,584 bytes, none got more" in said
    assert ("the host has gone since" not in said) is is_sure


@pytest.mark.parametrize("segments", [(8, 8), (8, 8, 12), (2, 2, 2)])
def test_they_stop_anywhere(tmp_path: Path, segments: tuple[int, ...]) -> None:
    assert "seems to count" not in stopped(tmp_path, segments=segments)
