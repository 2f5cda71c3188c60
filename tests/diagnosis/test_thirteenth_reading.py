"""Kinds of misreading that the thirteenth reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Fault, Finding


def slow_connect(tmp_path: Path, way: float, syn_ack: float) -> Finding:
    """The finding on a SYN-ACK that echoes the first SYN and comes after its copy, beside three quick connects."""

    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=5.0 * number)
            talk.play(f"0 > S\n{way} < S.\n{way + 0.0001} > .")
        talk = wire.talk("10.0.0.1:50001", "10.0.0.2:80", at=20)
        talk.play(f"0 > S ts=5000\n1.022 > S again ts=6022\n{syn_ack} < S. echo=5000\n{syn_ack + 0.0001} > .")
        talk.play(f"{1.022 + way} < S. again echo=5000\n{1.0221 + way} > .")

    return told(tmp_path, play)["D34"]


def test_a_syn_ack_after_the_time_out_of_the_server_is_a_copy(tmp_path: Path) -> None:
    finding = slow_connect(tmp_path, way=0.02, syn_ack=1.032)
    assert "its first SYN was answered, and the answer did not arrive" in finding.explanation
    assert finding.fault is Fault.PATH


def test_a_syn_ack_at_another_time_was_late(tmp_path: Path) -> None:
    finding = slow_connect(tmp_path, way=0.3, syn_ack=1.2)
    assert "its first SYN was answered late" in finding.explanation


@pytest.mark.parametrize("others_answer", [True, False])
def test_single_syns_to_a_port_whose_host_answers_at_others(tmp_path: Path, *, others_answer: bool) -> None:
    def play(wire: Wire) -> None:
        if others_answer:
            wire.talk("10.0.0.1:39000", "10.0.0.2:81").play(
                "0 > S\n0.001 < S.\n0.0011 > .\n9 > F.\n9.001 < F.\n9.002 > ."
            )
        for number in range(7):  # the last may yet be answered
            wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:83", at=1.5 * number).play("0 > S")

    finding = told(tmp_path, play)["D01"]
    assert finding.count == 6
    assert any("a host that is down: ruled out" in rival for rival in finding.rivals) is others_answer
    assert any("one-way capture" in rival for rival in finding.rivals) is not others_answer


def hung_up(tmp_path: Path, waits: tuple[float, ...], reset: float | None = None) -> dict[str, Finding]:
    """The findings on requests that a server closes after such silences; it resets one that is written to later."""

    def play(wire: Wire) -> None:
        for number, wait in enumerate(waits):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=10.0 * number)
            talk.play("0 > S\n0.001 < S.\n0.0011 > .")
            if reset is None:
                talk.play(
                    f"0.01 > P. 30\n0.011 < .\n{0.01 + wait} < F.\n{0.012 + wait} > F.\n{0.013 + wait} < ."
                )
            else:
                talk.play(
                    f"{wait} < F.\n{wait + 0.001} > .\n{wait + reset} > P. 80\n{wait + reset + 0.001} < R noack"
                )

    return told(tmp_path, play)


def test_requests_that_never_become_whole_run_into_one_time_out(tmp_path: Path) -> None:
    finding = hung_up(tmp_path, (5.0,) * 5)["D35"]
    assert "It waited as long after the client's last word on 4 other connections" in finding.explanation
    assert finding.fault is Fault.UNDECIDED


def test_a_server_that_hangs_up_after_unequal_times_has_no_time_out(tmp_path: Path) -> None:
    finding = hung_up(tmp_path, (1.5, 2.5, 4.0, 6.0, 8.0))["D35"]
    assert "time-out" not in finding.explanation
    assert finding.fault is Fault.SERVER


def test_a_request_that_meets_a_server_which_has_just_hung_up(tmp_path: Path) -> None:
    findings = hung_up(tmp_path, (0.005,) * 4, reset=0.004)
    assert findings["D35"].count == 4
    assert "D12" not in findings


def test_a_request_after_an_idle_connection_was_closed_is_no_hang_up(tmp_path: Path) -> None:
    findings = hung_up(tmp_path, (60.0,), reset=0.004)
    assert "D35" not in findings
