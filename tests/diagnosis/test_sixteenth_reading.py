"""Kinds of misreading that the sixteenth reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire

SERVER = "10.0.0.2:80"


@pytest.mark.parametrize("answered", ["10.0.0.1", "10.0.0.9"])
def test_a_client_alone_that_is_not_answered_may_have_no_way(tmp_path: Path, answered: str) -> None:
    def play(wire: Wire) -> None:
        wire.talk(f"{answered}:39000", SERVER).play(GREETING)
        wire.talk("10.0.0.1:40000", SERVER, at=1).play("0 > S\n1 > S again\n3 > S again\n7 > S again")
        wire.talk(f"{answered}:39001", SERVER, at=20).play(GREETING)

    rivals = told(tmp_path, play)["D01"].rivals
    is_others = answered == "10.0.0.9"
    assert (
        any(rival.startswith("the way of this client to the server or back") for rival in rivals) == is_others
    )


@pytest.mark.parametrize("accepts", [True, False])
def test_a_socket_that_accepts_between_two_refusals(tmp_path: Path, accepts: bool) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:39000", SERVER).play(GREETING)
        for number in range(4):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=1.0 + number)
            talk.play(GREETING if accepts and number == 2 else "0 > S\n0.0001 < R. seq=0")
        wire.talk("10.0.0.1:41000", SERVER, at=9).play(GREETING)

    explanation = told(tmp_path, play)["D02"].explanation
    assert ("it refused at times between" in explanation) == accepts
    assert ("and accepted 1 connect meanwhile" in explanation) == accepts


@pytest.mark.parametrize("asks", [True, False])
def test_why_a_server_closes_without_a_word(tmp_path: Path, asks: bool) -> None:
    """A command may have ended it, and who says nothing for twenty seconds is closed for that."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(HANDSHAKE)
        talk.play("0.01 > P. 10\n0.0101 < .\n0.2 < F." if asks else "20 < F.").play("21 > F.\n21.001 < .")
        wire.talk("10.0.0.1:40001", SERVER, at=30).play("0 > S\n0.0001 < R. seq=0")

    rivals = told(tmp_path, play)["D35"].rivals
    ended = (
        "a program that ended, by what it was asked or by a signal: a possible cause, the next connect was"
    )
    assert any(rival.startswith(ended) for rival in rivals) == asks
    assert any(rival.startswith("its time-out for clients that say nothing") for rival in rivals) != asks


@pytest.mark.parametrize(("waits", "is_told"), [((5, 10, 5, 10, 0), True), ((5, 7.5, 5, 10, 0), False)])
def test_greetings_that_a_look_up_or_two_keep_back(
    tmp_path: Path, waits: tuple[float, ...], is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        for number, wait in enumerate(waits):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", "10.0.0.2:3306", at=0.1 * number).play(HANDSHAKE)
            talk.play("0.01 < P. 90\n0.0101 > .\n0.011 > P. 100\n0.0111 < P. 11\n0.0112 > .", at=wait)
            talk.play(FAREWELL, at=wait + 1)

    finding = told(tmp_path, play).get("D49")
    assert (
        finding is not None and "speaks first, and does so 5.01 s to 10" in finding.explanation
    ) == is_told


def test_a_filter_names_the_one_address_of_loopback_once(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk("127.0.0.1:40000", "127.0.0.1:80").play("0 > S\n0.0001 < R. seq=0")

    assert told(tmp_path, play)["D02"].display_filter.count("ip.addr==127.0.0.1") == 1
