"""Cases that look like a finding on public captures and are none, each beside the true one."""

from pathlib import Path

from tests.diagnosis.played import told
from tests.field.talk import GREETING, HANDSHAKE, Wire


def test_a_reset_that_ends_the_attempt_is_no_syn(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443").play("0 > S")
        talk.play("1 > S again\n3 > S again\n7 > S again\n127 > R.")

    said = told(tmp_path, play)["D01"].explanation
    assert "sent its SYN 4 times, and gave up with a reset after 127 s" in said


def test_the_answer_to_a_challenge_is_no_forgotten_connection(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443", stamps=False).play(GREETING)
        talk.play("5 < R seq=900\n5.001 > . ack=301\n5.04 < R seq=301")

    assert "D07" not in told(tmp_path, play)


def test_a_window_that_shuts_after_the_other_has_closed_is_no_stall(tmp_path: Path) -> None:
    def play(wire: Wire, order: str) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443", stamps=False, server_scale=None).play(GREETING)
        talk.play(
            "1 > F.\n1.001 < . win=0" if order == "after" else "1 > P. 100\n1.001 < . win=0\n1.3 > . seq=200"
        )
        wire.talk("10.0.0.1:40002", "10.0.0.2:443", at=90).play(GREETING)

    assert "D23" in told(tmp_path, lambda wire: play(wire, "before"))
    assert "D23" not in told(tmp_path, lambda wire: play(wire, "after"))


def test_a_request_is_never_answered_where_others_are(tmp_path: Path) -> None:
    def play(wire: Wire, *, answers: bool) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", "10.0.0.2:443", at=2.0 * number).play(HANDSHAKE)
            talk.play("0.01 > P. 63\n0.02 < .")
            talk.play("0.03 < P. 90\n0.031 > ." if answers and number else "")
            talk.play("30 > F.\n30.01 < F.\n30.0101 > .")

    assert told(tmp_path, lambda wire: play(wire, answers=True))["D51"].confidence == "likely"
    assert told(tmp_path, lambda wire: play(wire, answers=False))["D51"].confidence == "possible"


def test_clients_and_servers_that_reset_are_two_findings(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(6):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", "10.0.0.2:443", at=9.0 * number).play(GREETING)
            talk.play("3 < R." if number % 2 else "4 > R.")
        wire.talk("10.0.0.1:41000", "10.0.0.2:443", at=90).play(GREETING)

    assert told(tmp_path, play)["D27"].count == 3


def test_a_timer_of_65_seconds_is_not_one_of_60(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:80").play(GREETING)
        talk.play("65.0051 < F.\n65.006 > F.\n65.007 < .")

    assert "65 s of" in told(tmp_path, play)["D30"].explanation


def test_a_lone_syn_to_itself_connects_nobody(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk("127.0.0.1:80", "127.0.0.1:80").play("0 > S")

    assert "D37" not in told(tmp_path, play)


def test_equal_silences_are_a_timer_without_a_name_as_well(tmp_path: Path) -> None:
    def play(wire: Wire, spread: float) -> None:
        for number in range(5):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", "10.0.0.2:443", at=3.0 * number).play(GREETING)
            at = 42 + spread * number
            talk.play(f"{at} > F.\n{at + 0.001} < F.\n{at + 0.002} > .")

    assert "as on 4 other connections" in told(tmp_path, lambda wire: play(wire, 0.1))["D30"].explanation
    assert "D30" not in told(tmp_path, lambda wire: play(wire, 7.0))


def test_two_answers_to_two_syns_are_late_and_not_lost(tmp_path: Path) -> None:
    def play(wire: Wire, second: float) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443")
        talk.play(f"0 > S\n1 > S again\n1.05 < S.\n{second} < S. again\n{second + 0.001} > .")

    assert "answered late" in told(tmp_path, lambda wire: play(wire, 1.051))["D34"].explanation
    assert "went unanswered" in told(tmp_path, lambda wire: play(wire, 2.1))["D34"].explanation
