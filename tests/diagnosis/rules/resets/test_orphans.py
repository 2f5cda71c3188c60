"""D27 of servers that have no room for orphans, and what looks nearly like it."""

from pathlib import Path

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Finding


def served(
    tmp_path: Path, gone: int = 4, fins: int = 4, resets: int = 4, later: tuple[str, int] = ("fin", 0)
) -> Finding:
    """Play a server that closes in good order, sends FINs in vain, and then resets."""

    def play(wire: Wire) -> None:
        made = 0
        for kind, count in (("fin", fins), ("gone", gone), ("reset", resets), later):
            for _ in range(count):
                made += 1
                talk = wire.talk(f"10.0.{made}.9:40000", "10.0.0.2:443", at=2.0 * made)
                talk.play("0 > S\n0.00004 < S.\n0.03 > .\n0.031 > P. 300\n0.036 < P. 900\n0.066 > .")
                if kind == "reset":
                    talk.play("0.0661 < R.")
                elif kind == "fin":
                    talk.play("0.0661 < F.\n0.0962 > F.\n0.0963 < .")
                else:
                    talk.play("0.0661 < F.\n0.3 < F. again\n0.8 < F. again\n1.7 < F. again\n3.5 < F. again")

    return told(tmp_path, play)["D27"]


def test_resets_come_when_fins_wait(tmp_path: Path) -> None:
    said = served(tmp_path)
    assert "It closed 4 connections by a FIN before, and none since" in said.explanation
    assert "tcp_max_orphans" in said.explanation
    assert "too many orphaned sockets" in said.advice


def test_fins_are_answered(tmp_path: Path) -> None:
    assert "tcp_max_orphans" not in served(tmp_path, gone=1).explanation


def test_it_closes_by_fins_later_as_well(tmp_path: Path) -> None:
    assert "tcp_max_orphans" not in served(tmp_path, later=("fin", 3)).explanation
    assert "tcp_max_orphans" not in served(tmp_path, later=("gone", 1)).explanation


def test_it_always_resets(tmp_path: Path) -> None:
    assert "tcp_max_orphans" not in served(tmp_path, fins=0).explanation
