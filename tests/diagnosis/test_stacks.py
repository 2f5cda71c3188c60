"""Faults of stacks and devices on the way, each beside one that only looks alike."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, HANDSHAKE, Wire

ASKS = "0 > S {0}\n1.02 > S again {1}\n1.04 < S.\n1.0401 > .\n1.05 > P. 10\n1.06 < P. 10\n1.07 > ."


@pytest.mark.parametrize(("word", "name"), [("tfo", "Fast Open"), ("mptcp", "Multipath")])
def test_options_of_the_unanswered_syns_alone_are_told(tmp_path: Path, word: str, name: str) -> None:
    def alone(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", "10.0.0.2:443").play(ASKS.format(word, ""))

    def both(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", "10.0.0.2:443").play(ASKS.format(word, word))

    assert name in told(tmp_path, alone)["D34"].explanation
    assert name not in told(tmp_path, both)["D34"].explanation


def test_a_refusal_with_a_right_number_is_no_refusal_in_vain(tmp_path: Path) -> None:
    def play(wire: Wire, ack: str) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443")
        talk.play("".join(f"{at} > S {'again' if at else ''}\n{at}.1 < R. seq=0 {ack}\n" for at in (0, 1, 3)))

    assert "has to ignore it" in told(tmp_path, lambda wire: play(wire, "ack=0"))["D02"].explanation
    assert "has to ignore it" not in told(tmp_path, lambda wire: play(wire, "ack=1"))["D02"].explanation


def test_a_window_that_is_shut_now_and_then_is_no_stall(tmp_path: Path) -> None:
    def play(wire: Wire, shut: float) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443", stamps=False, client_scale=None).play(GREETING)
        for number in range(12):
            at = 1 + 5.0 * number
            talk.play(f"{at} < . 1460\n{at + 0.001} > . win=0\n{at + shut} > . win=2920")

    assert "had its receive window shut" in told(tmp_path, lambda wire: play(wire, 2.0))["D23"].explanation
    assert "D23" not in told(tmp_path, lambda wire: play(wire, 0.1))


def test_probes_of_a_shut_window_are_no_loop(tmp_path: Path) -> None:
    def play(wire: Wire, pace: float) -> None:
        talk = wire.talk(
            "10.0.0.1:50000", "10.0.0.2:3333", stamps=False, client_scale=None, server_scale=None
        )
        talk.play(HANDSHAKE).play("0.01 > P. 1400\n0.011 < P. 1400\n0.012 > . win=0\n0.0121 < . win=0")
        for number in range(20):
            talk.play(f"{1 + number * pace} {'<>'[number % 2]} . win=0")

    assert "D46" in told(tmp_path, lambda wire: play(wire, 0.001))
    assert "D46" not in told(tmp_path, lambda wire: play(wire, 0.3))


def test_a_reset_after_the_fin_answers_data_or_an_acknowledgement(tmp_path: Path) -> None:
    def play(wire: Wire, words: str) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443").play(GREETING)
        talk.play(f"1 > F.\n1.01 < {words}\n1.0101 > R seq=102")

    assert "D12" in told(tmp_path, lambda wire: play(wire, "P. 300 ack=101"))
    assert "D12" not in told(tmp_path, lambda wire: play(wire, "."))


def test_resets_of_one_instant_are_one_event(tmp_path: Path) -> None:
    def play(wire: Wire, spread: float) -> None:
        for number in range(5):
            talk = wire.talk(f"10.0.0.{10 + number}:40000", "10.0.0.2:443", at=3.0 * number).play(GREETING)
            talk.play("0 < R.", at=30 + number * spread - talk.start)

    together = told(tmp_path, lambda wire: play(wire, 0.001))["D27"]
    assert "within 4 ms, the server let go of 5 connections" in together.explanation
    assert together.severity == "warning"
    assert "let go of" not in told(tmp_path, lambda wire: play(wire, 7.0))["D27"].explanation


def test_an_answer_under_another_address_is_left_untranslated(tmp_path: Path) -> None:
    def play(wire: Wire, shift: int) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443").play("0 > S\n1 > S again\n3 > S again")
        other = wire.talk("10.0.0.1:40000", "172.17.0.9:443")
        other.client.isn, other.client.next = talk.client.isn + shift, 1
        other.play("0.01 < S.\n0.0101 > R seq=1\n1.01 < S. again\n1.0101 > R seq=1")

    assert "172.17.0.9:443" in told(tmp_path, lambda wire: play(wire, 0))["D41"].explanation
    assert "D41" not in told(tmp_path, lambda wire: play(wire, 1))


def test_a_server_that_speaks_first_and_does_not_is_told_of(tmp_path: Path) -> None:
    def play(wire: Wire, port: int, wait: float) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.{10 + number}:40000", f"10.0.0.2:{port}", at=7.3 * number**2)
            talk.play(HANDSHAKE).play(f"{wait} > F.\n{wait}1 < .")

    assert told(tmp_path, lambda wire: play(wire, 22, 10.0))["D50"].count == 3
    assert "D50" not in told(tmp_path, lambda wire: play(wire, 443, 10.0))
    assert "D50" not in told(tmp_path, lambda wire: play(wire, 22, 0.2))


def test_time_stamps_that_differ_by_connection_tell_nothing(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(6):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", "10.0.0.2:443", at=2.0 * number)
            ts = 900_000_000 - number * 50_000_000
            talk.play(f"0 > S ts={ts}\n1 > S again ts={ts + 1000}\n1.01 < S.\n1.0101 > . ts={ts + 1010}")

    assert "D45" not in told(tmp_path, play)


def test_a_reset_made_of_the_packet_that_drew_it_is_injected(tmp_path: Path) -> None:
    def play(wire: Wire, id: int) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:22", stamps=False, server_ttl=46)
        talk.client.next, talk.server.next = 1, 1
        talk.play("0 < P. 76\n0.1 > P. 44\n0.2 < .\n0.3 > P. 44 id=63020")
        talk.play(f"0.33 < R. 44 ttl=120 id={id}")

    assert told(tmp_path, lambda wire: play(wire, 63020))["D18"].confidence == "likely"
    other = told(tmp_path, lambda wire: play(wire, 17)).get("D18")
    assert other is None or other.confidence == "possible"
