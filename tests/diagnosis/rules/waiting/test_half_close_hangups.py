"""D51 of servers that take a half-close for a client that has gone."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire

HALF_CLOSED = "0.002 > P. 100\n0.0021 > F.\n0.003 < .\n{closed} < F.\n{after} > ."


def asked(
    tmp_path: Path, *, many: int = 4, late: int = 0, served: int = 4, known: int = 0, length: int = 100
) -> str:
    """Let some close their direction with the request, and others wait for an answer that takes 200 ms.

    The server closes ``many`` of the former at once and ``late`` of them later, and answers ``known`` of them.
    """

    def play(wire: Wire) -> None:
        for number in range(many):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=2.0 * number).play(HANDSHAKE)
            talk.play(HALF_CLOSED.format(closed=0.0031, after=0.0033))
        for number in range(late):
            talk = wire.talk(f"10.0.0.1:{43_001 + number}", "10.0.0.2:80", at=3.0 * number).play(HANDSHAKE)
            talk.play(HALF_CLOSED.format(closed=0.4, after=0.4002))
        for number in range(known):
            talk = wire.talk(f"10.0.0.1:{44_001 + number}", "10.0.0.2:80", at=4.0 * number).play(HANDSHAKE)
            talk.play("0.002 > P. 100\n0.0021 > F.\n0.003 < .\n0.2 < P. 300\n0.2001 < F.\n0.2003 > .")
        for number in range(served):
            talk = wire.talk(f"10.0.0.1:{42_001 + number}", "10.0.0.2:80", at=1 + 2.0 * number).play(
                HANDSHAKE
            )
            talk.play(f"0.002 > P. {length}\n0.0025 < .\n0.2 < P. 300\n0.2001 < F.\n0.2003 > F.\n0.2005 < .")

    finding = told(tmp_path, play).get("D51")
    return finding.explanation if finding else ""


def test_a_half_close_that_is_taken_for_a_client_that_has_gone(tmp_path: Path) -> None:
    words = asked(tmp_path)
    assert "closed 1 ms after that FIN without an answer, as on 3 other connections that did so" in words
    assert "It answered 4 others that asked as much and kept their direction open, after 198 ms" in words


@pytest.mark.parametrize(
    "changes",
    [{"many": 2, "late": 2}, {"many": 0, "late": 4}, {"served": 2}, {"length": 90}, {"known": 1}],
    ids=["few", "later", "few-served", "other-requests", "one-is-answered"],
)
def test_half_closes_that_tell_nothing(tmp_path: Path, changes: dict[str, int]) -> None:
    assert "half-close for a client that has gone" not in asked(tmp_path, **changes)
