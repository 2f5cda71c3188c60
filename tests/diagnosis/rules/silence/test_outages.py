"""D54: a host whose own way out was down for a while, and what only looks like it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

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
    assert f"Nobody answered {CLIENT} over TCP for 7.1 s" in finding.explanation
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


def closed_in_vain(
    tmp_path: Path, hosts: Sequence[str] = HOSTS, heard: float | None = None, copies: int = 5
) -> dict[str, Finding]:
    """Play connections whose FINs at second 60 are in vain, and one that is begun at ``heard`` and answered."""

    def play(wire: Wire) -> None:
        for number, host in enumerate(hosts):
            kept = wire.talk(f"{CLIENT}:{40_000 + number}", f"{host}:443", at=0.01 * number)
            kept.play(
                "0 > S\n0.01 < S.\n0.011 > .\n0.02 > P. 100\n0.03 < . \n0.04 < P. 200\n0.05 > .\n60 > F."
            )
            for copy in range(copies):
                kept.play(f"{60 + 0.3 * 2**copy} > F. again")
        if heard is not None:
            wire.talk(f"{CLIENT}:60000", "10.0.8.8:22", at=heard).play("0 > S\n0.01 < S.\n0.011 > .")

    return told(tmp_path, play)


def test_fins_to_all_hosts_are_in_vain_to_the_end(tmp_path: Path) -> None:
    findings = closed_in_vain(tmp_path)
    assert "D13" not in findings
    finding = findings["D54"]
    assert "It closed 4 connections to 4 hosts meanwhile, and no FIN was answered." in finding.explanation
    assert "4 of these hosts answer it at other times" in finding.explanation
    assert any(rival.startswith("a device near it that had forgotten") for rival in finding.rivals)
    assert finding.severity == "warning"
    assert finding.confidence == "likely"


def test_fins_are_in_vain_and_others_are_answered(tmp_path: Path) -> None:
    """A firewall has forgotten what was idle; the way out is well."""
    findings = closed_in_vain(tmp_path, heard=63)
    assert "D54" not in findings
    assert "D13" in findings


def test_fins_are_answered_at_their_second_copy(tmp_path: Path) -> None:
    assert "D54" not in closed_in_vain(tmp_path, copies=1)


def test_fins_to_one_host_are_in_vain(tmp_path: Path) -> None:
    findings = closed_in_vain(tmp_path, hosts=HOSTS[:1] * 4)
    assert "D54" not in findings
    assert "D13" in findings


def test_a_fin_after_data_in_vain_counts_though_it_was_sent_once(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number, host in enumerate(HOSTS):
            kept = wire.talk(f"{CLIENT}:{40_000 + number}", f"{host}:443", at=0.01 * number)
            kept.play("0 > S\n0.01 < S.\n0.011 > .\n0.02 > P. 100\n0.03 < . \n0.04 < P. 200\n0.05 > .")
            if number:
                kept.play("60 > F.\n60.3 > F. again\n60.9 > F. again\n63.3 > F. again")
            else:
                kept.play("59 > P. 90\n59.3 > P. 90 again\n59.9 > P. 90 again\n61 > F.")

    assert "It closed 4 connections to 4 hosts meanwhile" in told(tmp_path, play)["D54"].explanation


def test_a_fin_is_in_vain_where_connects_are(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number, host in enumerate(HOSTS):
            wire.talk(f"{CLIENT}:{40_000 + number}", f"{host}:443").play("0 > S\n0.01 < S.\n0.011 > .")
            late = wire.talk(f"{CLIENT}:{50_000 + number}", f"{host}:443").play("22 > S\n23 > S again")
            late.play("25 > S again\n29 > S again\n29.1 < S.\n29.101 > .")
        closing = wire.talk(f"{CLIENT}:55000", f"{HOSTS[0]}:80")
        closing.play("0 > S\n0.01 < S.\n0.011 > .\n0.1 > P. 100\n0.11 < P. 200\n0.12 > .\n21 > F.")
        closing.play(
            "21.3 > F. again\n21.9 > F. again\n23.1 > F. again\n25.5 > F. again\n29.2 > R.\n29.3 < ."
        )

    findings = told(tmp_path, play)
    assert "D13" not in findings
    assert (
        "It closed 1 connection to 1 host meanwhile, and no FIN was answered until then"
        in findings["D54"].explanation
    )


@pytest.mark.parametrize("is_cut", [True, False])
def test_data_that_stand_to_the_end_with_all_else_are_no_dead_host(tmp_path: Path, is_cut: bool) -> None:
    def play(wire: Wire) -> None:
        for number, host in enumerate(HOSTS):
            kept = wire.talk(f"{CLIENT}:{40_000 + number}", f"{host}:443", at=0.01 * number)
            kept.play("0 > S\n0.01 < S.\n0.011 > .\n0.02 > P. 100\n0.03 < . \n0.04 < P. 200\n0.05 > .")
            kept.play("60 > F.\n60.3 > F. again\n60.9 > F. again\n63.3 > F. again\n75 > F. again")
        open_yet = wire.talk(f"{CLIENT}:45000", "192.0.2.77:443")
        asked = 59 if is_cut else 20
        open_yet.play(f"0 > S\n0.01 < S.\n0.011 > .\n{asked} > P. 90")
        for copy in (0.3, 0.9, 2.1, 4.5, 9.3, 15.9):
            open_yet.play(f"{asked + copy} > P. 90 again")

    findings = told(tmp_path, play)
    assert "D54" in findings
    assert ("Data on 1 connection that it had before stood as well" in findings["D54"].explanation) == is_cut
    assert ("D09" in findings) != is_cut
