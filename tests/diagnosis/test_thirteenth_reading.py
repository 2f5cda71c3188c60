"""Kinds of misreading that the thirteenth reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire
from wirestat.model import Severity

SERVER = "10.0.0.2:80"


def test_data_thrown_away_until_a_place_comes_free_is_a_full_queue(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(f"{HANDSHAKE}0.004 > P. 100\n0.2 > P. again")
        talk.play("0.6 > P. again\n1.01 < S. again seq=0\n1.011 > .\n1.5 > P. again\n3.03 < S. again seq=0")
        talk.play("3.031 > .\n3.2 > P. again\n6.6 > P. again\n6.61 < .\n6.7 < P. 300\n6.71 > .")

    finding = told(tmp_path, play)["D05"]
    assert finding.severity is Severity.WARNING
    assert "accepted the connection 6.61 s later" in finding.explanation
    assert any(rival.startswith("TCP_DEFER_ACCEPT: ruled out") for rival in finding.rivals)


def test_one_more_syn_ack_and_no_more_is_no_full_queue(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(f"{HANDSHAKE}1.01 < S. again seq=0\n1.011 > .")
        talk.play("1.1 > P. 100\n1.11 < P. 300\n1.12 > .").play(FAREWELL, at=2)

    assert told(tmp_path, play)["D05"].severity is Severity.INFO


@pytest.mark.parametrize("spoken", [1448, 0], ids=["its-numbers-tell-of-an-answer", "nothing"])
def test_an_answer_that_was_lost_before_the_tap_was_given(tmp_path: Path, spoken: int) -> None:
    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=1.0 * number).play(HANDSHAKE)
            talk.play(f"0.01 > P. 200\n0.02 < .\n9 > F.\n9.01 < . seq={11 * spoken + 1}")

    findings = told(tmp_path, play)
    assert ("D51" in findings, "D24" in findings) == (not spoken, bool(spoken))


@pytest.mark.parametrize("earlier", [True, False])
def test_the_echo_tells_which_syn_ack_was_answered(tmp_path: Path, *, earlier: bool) -> None:
    """A way of 1.2 s seen at the server: the copy of the SYN-ACK is needless, or it is the one that arrived."""

    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=9.0 * number)
            talk.play("0 > S\n0.0001 < S. ts=5000\n1.02 > S again\n1.0201 < S. again seq=0 ts=6020")
            talk.play(f"1.2 > . echo={5000 if earlier else 6020}\n1.21 > P. 100\n1.22 < P. 300\n2.4 > .")

    explanation = told(tmp_path, play)["D34"].explanation
    assert ("was answered late" in explanation, "did not arrive" in explanation) == (earlier, not earlier)


def test_a_closed_socket_that_answers_late_copies_resets_nothing(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(GREETING)
        talk.play("0.01 > F.\n0.0101 < F.\n0.0102 > .")
        for copy in range(8):
            talk.play(f"{0.012 + copy / 1000} > . seq=101 ack=301\n{0.0121 + copy / 1000} < R seq=301")

    findings = told(tmp_path, play)
    assert not {"D27", "D46", "D07", "D12"} & findings.keys()


def test_a_silence_after_the_request_is_none_before_it(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=0.001 * number).play(GREETING)
            talk.play("1 > P. 100\n1.001 < .\n4.4 < R.")

    finding = told(tmp_path, play)["D16"]
    assert "broke a silence" not in finding.explanation


def test_an_application_that_aborts_at_the_request_is_told_the_silence_before_it(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=0.001 * number).play(GREETING)
            talk.play("5 > P. 100\n5.001 < .\n5.002 < R.")

    assert "broke a silence of 5 s" in told(tmp_path, play)["D16"].explanation


def test_an_answered_challenge_is_told_once(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=1.0 * number, client_ttl=63)
            talk.play(f"{HANDSHAKE}0.003 > R seq=9 ttl=64\n0.0031 < .\n0.015 > R seq=1")

    findings = told(tmp_path, play)
    assert "D27" not in findings
    assert "has no such connection" in findings["D28"].explanation


def test_a_scan_says_what_it_found_open(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for port in range(120):
            talk = wire.talk(f"10.0.0.1:{40_000 + port}", f"10.0.0.2:{port + 1}", at=port / 100)
            if port in {21, 79}:
                talk.play(HANDSHAKE).play(FAREWELL, at=0.1)
            else:
                talk.play("0 > S\n0.001 < R. seq=0 ack=1")

    explanation = told(tmp_path, play)["D26"].explanation
    assert "118 handshakes" in explanation
    assert "finished those with 10.0.0.2:22, 10.0.0.2:80" in explanation


def test_a_reset_from_elsewhere_after_the_longest_silence(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number, silence in enumerate((2.0, 3.0, 7.0, 7.0)):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=0.1 * number, server_ttl=63)
            talk.play(GREETING)
            lives = silence < 5
            talk.play(
                "0 > P. 100\n0.01 < P. 200\n0.011 > ." if lives else "0 > P. 100\n0.001 < R ttl=64",
                at=silence,
            )

    finding = told(tmp_path, play)["D07"]
    assert "a device on the way" in finding.explanation
    assert "lived through 3 s at most" in finding.explanation
    assert not any("no long silence" in doubt for doubt in finding.doubts)


def test_a_queue_that_is_full_explains_the_stall(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(f"{HANDSHAKE}0.004 > P. 100\n0.2 > P. again")
        talk.play("0.6 > P. again\n1.01 < S. again seq=0\n1.011 > .\n1.5 > P. again\n3.03 < S. again seq=0")
        talk.play("3.031 > .\n3.2 > P. again\n6.6 > P. again\n6.61 < .\n6.7 < P. 300\n6.71 > .")

    findings = told(tmp_path, play)
    assert "D05" in findings
    assert "D56" not in findings
