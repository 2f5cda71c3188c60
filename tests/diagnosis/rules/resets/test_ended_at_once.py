"""D27: what a server's resets of one instant tell of its program."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire

ASKS = "0.001 > P. 80\n0.0014 < P. 90\n0.0016 > ."
GREETS = "0.01 < P. 90\n0.014 > P. 80\n0.018 < P. 20\n0.02 > ."
ASKS_IN_VAIN = f"{GREETS}\n0.5 > P. 80\n0.5004 < ."


@pytest.mark.parametrize(
    ("talks", "is_aborted"),
    [
        ((ASKS, ASKS, ASKS, ASKS), True),
        ((GREETS, ASKS, GREETS, ASKS), True),
        ((ASKS, ASKS, ASKS, ASKS_IN_VAIN), False),
    ],
    ids=["all-answered", "greeted", "one-unread"],
)
def test_a_program_that_ends_resets_only_where_something_is_unread(
    tmp_path: Path, talks: tuple[str, ...], *, is_aborted: bool
) -> None:
    """``ss -K`` on a server whose program lives on: each of its sockets is reset, though all had been read."""

    def play(wire: Wire) -> None:
        for number, talk in enumerate(talks):
            one = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=number).play(HANDSHAKE)
            one.play(talk).play(f"{9 - number + number / 1000} < R.")

    explanation = told(tmp_path, play)["D27"].explanation
    assert "let go of 4 connections (all by reset) that had begun over 3 s" in explanation
    assert (
        "they were aborted: by the program, at its end or before (SO_LINGER), by somebody (ss -K)"
        in explanation
    ) is is_aborted
    assert ("its program seems to have ended then" in explanation) is not is_aborted
