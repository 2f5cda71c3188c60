"""Kinds of misreading that the fifteenth reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, HANDSHAKE, Wire
from wirestat.model import Severity

SERVER = "10.0.0.2:80"


@pytest.mark.parametrize(("second", "nothing_lost"), [(1.75, True), (2.31, False)])
def test_closer_together_than_a_timer_sends_them_both_syn_acks_answer(
    tmp_path: Path, *, second: float, nothing_lost: bool
) -> None:
    """A way that sways about 0.6 s, or a last ACK that the server has not taken for a second."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER, stamps=False)
        talk.play("0 > S\n1 > S again\n1.2 < S.\n1.2001 > .\n1.2002 > P. 100")
        talk.play(f"{second} < S. again seq=0\n{second + 0.0001} > .\n2.6 < .\n2.61 < P. 300\n2.611 > .")

    findings = told(tmp_path, play)
    assert ("D05" in findings) != nothing_lost
    assert ("was answered late" in findings["D34"].explanation) == nothing_lost


def test_a_syn_ack_that_crosses_the_ack_of_the_first_repeats_none_that_was_lost(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER)
        talk.play(
            "0 > S ts=1000\n1 > S again ts=2000\n1.33 < S. ts=9000 echo=1000\n1.3301 > . ts=2330 echo=9000"
        )
        talk.play("1.3302 > P. 100 ts=2330 echo=9000\n1.76 < S. again seq=0 ts=9338 echo=1000")
        talk.play("1.7601 > . ts=2760 echo=9000\n2.4 < P. 300\n2.41 > .")

    assert "was answered late" in told(tmp_path, play)["D34"].explanation


@pytest.mark.parametrize(("number", "late"), [(4, 0.0002), (4, 1.5), (1, 0.0002)])
def test_answers_that_the_close_calls_for_are_no_late_ones(tmp_path: Path, number: int, late: float) -> None:
    """Workers that wait for a job and leave, clients that a late answer misses, or one of which nobody knows."""

    def play(wire: Wire) -> None:
        for one in range(number):
            talk = wire.talk(f"10.0.0.1:{40_000 + one}", SERVER, at=0.4 * one).play(HANDSHAKE)
            talk.play("0.01 > P. 9\n0.0101 < .\n4 > F.").play("0 < P. 11\n0.0001 > R", at=4 + late)

    finding = told(tmp_path, play)["D51"]
    is_poll = number > 1 and late < 1
    assert (finding.severity is Severity.INFO) == is_poll
    assert ("the FIN called for the answer" in finding.explanation) == is_poll
    assert any("long poll" in rival for rival in finding.rivals) == (late < 1)


@pytest.mark.parametrize("lost", [1447, 0])
def test_where_answers_of_the_socket_are_lost_one_more_may_be(tmp_path: Path, lost: int) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=0.4 * number).play(HANDSHAKE)
            talk.play("0.01 > P. 80\n0.02 < .\n7 > F.")
            if number:
                talk.play(f"7.01 < . seq={lost + 1}")
        wire.talk("10.0.0.1:41000", SERVER, at=9).play(GREETING)

    finding = told(tmp_path, play)["D51"]
    assert (
        "on 3 other connections to this socket the answer was sent and lost" in finding.explanation
    ) == bool(lost)
    assert finding.count == (1 if lost else 4)


@pytest.mark.parametrize("answer", [5, 900])
def test_a_server_that_pings_is_not_waited_for(tmp_path: Path, answer: int) -> None:
    """Both ends ping and are answered at once; an answer of another size is none to a ping."""

    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=0.1 * number).play(HANDSHAKE)
            talk.play(f"0.01 > P. 5\n0.0101 < P. {answer}\n0.0102 > .")
            for second in (2, 4, 6, 8, 10):
                talk.play(f"0.01 < P. {answer}\n0.0101 > P. 5\n0.0102 < .", at=second)
            for pinged in (2.9, 6.9):
                talk.play(f"0.01 > P. 5\n0.0101 < P. {answer}\n0.0102 > .", at=pinged)

    assert ("D49" in told(tmp_path, play)) == (answer > 5)


@pytest.mark.parametrize(
    ("late", "quick", "is_told"), [(2.4, 0.01, True), (2.4, 0.4, False), (0.3, 0.01, False)]
)
def test_a_program_that_stands_still_beside_answers_at_once(
    tmp_path: Path, late: float, quick: float, *, is_told: bool
) -> None:
    """Requests of eight clients wait until one instant, each but for its own beginning; twelve others do not."""

    def play(wire: Wire) -> None:
        for number in range(8):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER).play(HANDSHAKE)
            for second in range(12):
                took = late - 0.05 * number * (late > 1) if second == 6 else quick
                asked = second + 0.05 * number if second < 7 else second + 3
                talk.play(f"{asked} > P. 20\n{asked + 0.0001} < .\n{asked + took} < P. 90", at=0.01)
                talk.play(f"{asked + took + 0.0001} > .", at=0.01)

    finding = told(tmp_path, play).get("D49")
    assert (finding is not None and "on each of 8 connections" in finding.explanation) == is_told


@pytest.mark.parametrize(("syns", "is_told"), [((0, 1.02, 2.04, 3.07), True), ((0, 1.02), False)])
def test_syns_in_vain_before_a_refusal_are_told_of(
    tmp_path: Path, syns: tuple[float, ...], *, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:39000", SERVER).play(GREETING)
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=1 + 0.1 * number)
            for at in syns:
                talk.play(f"{at} > S {'again' if at else ''}")
            talk.play(f"{syns[-1] + 0.0001} < R. seq=0")

    findings = told(tmp_path, play)
    assert "D02" in findings
    assert ("D01" in findings) == is_told
    if is_told:
        words = "sent its SYN 4 times in 3.07 s; server 10.0.0.2:80 answered none of them but the last"
        assert words in findings["D01"].explanation


@pytest.mark.parametrize("answered", [7, 2])
def test_single_syns_in_vain_beside_others_that_are_answered(tmp_path: Path, answered: int) -> None:
    """A client that takes turns between two addresses finds the second silent, though not for long."""

    def play(wire: Wire) -> None:
        for number in range(7):
            if number < answered:
                wire.talk(f"10.0.0.1:{39_000 + number}", "10.0.0.3:80", at=0.4 * number).play(GREETING)
            wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=0.4 * number + 0.02).play("0 > S")
        wire.talk("10.0.0.1:41000", "10.0.0.3:80", at=5).play(GREETING)

    assert ("D01" in told(tmp_path, play)) == (answered == 7)
