"""D54: a host whose own way out was down for a while, and what only looks like it."""

from collections.abc import Sequence
from pathlib import Path

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Finding

HOSTS = ("10.0.9.1", "10.0.9.2", "10.0.9.3", "10.0.9.4")
CLIENT = "10.0.0.5"


def cut_off(
    tmp_path: Path,
    hosts: Sequence[str] = HOSTS,
    known: Sequence[str] = HOSTS,
    answered: float = 9,
    meanwhile: float | None = None,
) -> Finding | None:
    """Play connects to known hosts, and at second 2 others that are answered only by ``answered``."""

    def play(wire: Wire) -> None:
        for number, host in enumerate(known):
            prompt = wire.talk(f"{CLIENT}:{40_000 + number}", f"{host}:443", at=0.1 * number)
            prompt.play("0 > S\n0.01 < S.\n0.011 > .")
        for number, host in enumerate(hosts):
            late = wire.talk(f"{CLIENT}:{50_000 + number}", f"{host}:443", at=0.01 * number).play("2 > S")
            for copy in (1, 3, 7):
                if 2 + copy <= answered:
                    late.play(f"{2 + copy} > S again")
            late.play(f"{answered + 0.1} < S.\n{answered + 0.101} > .")
        if meanwhile is not None:
            other = wire.talk(f"{CLIENT}:60000", "10.0.8.8:22", at=meanwhile)
            other.play("0 > S\n0.01 < S.\n0.011 > .")

    return told(tmp_path, play).get("D54")


def test_nobody_answers_for_a_while(tmp_path: Path) -> None:
    finding = cut_off(tmp_path)
    assert finding is not None
    assert f"Nobody answered {CLIENT} for 7.1 s" in finding.explanation
    assert "4 connections to 4 hosts meanwhile: all were answered only after that" in finding.explanation
    assert finding.severity == "warning"
    assert finding.fault == "path"


def test_somebody_is_heard_meanwhile(tmp_path: Path) -> None:
    assert cut_off(tmp_path, meanwhile=4) is None


def test_two_hosts_may_fail_together(tmp_path: Path) -> None:
    assert cut_off(tmp_path, hosts=(*HOSTS[:2], *HOSTS[:2])) is None


def test_a_moment_is_no_outage(tmp_path: Path) -> None:
    assert cut_off(tmp_path, answered=3) is None


def test_nobody_was_heard_before(tmp_path: Path) -> None:
    """The capture may hold one direction alone until then."""
    assert cut_off(tmp_path, known=()) is None
