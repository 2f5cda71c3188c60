"""D35 of clients that dial again at once, and of PostgreSQL that is told to cancel."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, HANDSHAKE, Wire
from wirestat.model import Finding


def dialled(tmp_path: Path, times: int = 20, pause: float = 0.008) -> Finding:
    """Play a server that hangs up each time, and a client that dials again."""

    def play(wire: Wire) -> None:
        for number in range(times):
            talk = wire.talk(f"10.0.0.5:{40_000 + number}", "10.0.0.2:7000", at=(0.02 + pause) * number)
            talk.play(HANDSHAKE).play("0.003 > P. 40\n0.02 < F.\n0.0201 > F.\n0.0203 < .")

    return told(tmp_path, play)["D35"]


def test_it_dials_again_at_once(tmp_path: Path) -> None:
    assert "The client dials again 8 ms later, 19 times so far" in dialled(tmp_path).explanation


@pytest.mark.parametrize(("times", "pause"), [(6, 0.008), (20, 1.0)])
def test_it_pauses_or_gives_up(tmp_path: Path, times: int, pause: float) -> None:
    assert "dials again" not in dialled(tmp_path, times, pause).explanation


def cancelled(tmp_path: Path, said: int = 16, port: int = 5432, session: float = 30) -> Finding:
    """Play a session and a connection beside it on which the server says nothing."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.5:40000", f"10.0.0.2:{port}").play(GREETING)
        talk.play(f"{session} > P. 60\n{session + 0.01} < P. 90\n{session + 0.0101} > .")
        other = wire.talk("10.0.0.5:40001", f"10.0.0.2:{port}", at=10).play(HANDSHAKE)
        other.play(f"0.0012 > P. {said}\n0.0013 < .\n0.0022 < F.\n0.0024 > F.\n0.0026 < .")

    return told(tmp_path, play)["D35"]


def test_a_query_is_cancelled(tmp_path: Path) -> None:
    finding = cancelled(tmp_path)
    assert "So PostgreSQL is told to stop a query" in finding.explanation
    assert (finding.severity, finding.asks_nothing) == ("info", True)


@pytest.mark.parametrize("changes", [{"said": 80}, {"port": 7000}, {"session": 5}])
def test_no_query_is_cancelled(tmp_path: Path, changes: dict[str, int]) -> None:
    assert "PostgreSQL" not in cancelled(tmp_path, **changes).explanation
