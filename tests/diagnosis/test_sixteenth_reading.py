"""Kinds of misreading that the sixteenth reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import BASE_NS, FAREWELL, GREETING, HANDSHAKE, Wire

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


@pytest.mark.parametrize(
    ("ids", "expected"), [((1, 1), False), ((900, 7), True)], ids=["all-alike", "its-own"]
)
def test_an_identification_that_all_packets_bear_tells_nothing(
    tmp_path: Path, ids: tuple[int, int], *, expected: bool
) -> None:
    """Data that ends where the reset begins was sent before it, however late it comes."""
    server, client = ids

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER, stamps=False)
        talk.play(f"0 > S id={client}\n1 < S. id={server}\n2 > . id={client}\n3 < P. 5 id={server}")
        if expected:
            talk.play(f"3.001 > R. id={server} ttl=90 win=502\n4 > P. 16 id={client}\n5 < . id={server}")
        else:
            talk.play(f"4 > R seq=17 id={client}\n5 > P. 16 id={client}")

    findings = told(tmp_path, play)
    assert ("D18" in findings) is expected


@pytest.mark.parametrize("found_gone", [True, False])
def test_a_bare_reset_shows_that_the_wrong_one_was_answered(tmp_path: Path, *, found_gone: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(GREETING)
        at = talk.server.next
        talk.play(f"13 > F.\n13.1 < .\n26 < R. seq={at + 1_900_000_000}\n26.0002 > .")
        if found_gone:
            talk.play(f"26.04 < R seq={at}")

    finding = told(tmp_path, play)["D28"]
    assert ("answered it all the same" in finding.explanation) is found_gone
    assert any("no challenge ACK" in doubt for doubt in finding.doubts) is not found_gone


@pytest.mark.parametrize(("sent", "queued"), [(1400, True), (10, False)])
def test_what_waited_in_a_queue_was_sent_before_the_reset(tmp_path: Path, sent: int, *, queued: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(HANDSHAKE)
        for number in range(100):
            talk.play(f"{1 + number / 100} > P. {sent}\n{1 + number / 100 + 0.0001} < .")
        talk.play("2.1 < R.")
        for number in range(60):
            talk.play(f"{2.11 + number / 50} > P. {sent}")

    finding = told(tmp_path, play)["D28"]
    assert ("had been under way" in finding.explanation) is queued
    assert finding.confidence == ("possible" if queued else "likely")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (
            "2.4 < S.\n2.401 < S. seq=9000\n2.41 > .",
            "of its 3 SYNs two were answered, the first of these late",
        ),
        ("6.6 < S.\n6.61 > .", "one of its 3 SYNs was answered, and late"),
        ("3.03 < S.\n3.04 > .", "its SYN went unanswered twice"),
    ],
    ids=["each", "late", "none"],
)
def test_a_syn_that_was_answered_late_did_not_go_unanswered(tmp_path: Path, answers: str, words: str) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER)
        again = "1 > S again\n2 > S again" if "two" in words else "1 > S again\n3 > S again"
        talk.play(f"0 > S\n{again}\n{answers}\n8 > P. 10\n8.03 < P. 10\n8.04 > .")

    assert words in told(tmp_path, play)["D34"].explanation


@pytest.mark.parametrize("heard", [True, False])
def test_fins_in_vain_to_several_hosts_at_one_instant(tmp_path: Path, *, heard: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", f"10.0.1.{number + 1}:443").play(GREETING)
            talk.play("30 > F.\n30.3 > F. again\n30.9 > F. again\n32.1 > F. again")
        if heard:
            wire.talk("10.0.0.1:41000", "10.0.2.1:443", at=31).play(GREETING)

    finding = told(tmp_path, play)["D13"]
    assert ("its own way out is down" in finding.explanation) is not heard
    assert any("the other end is dead: unlikely" in rival for rival in finding.rivals) is not heard


@pytest.mark.parametrize("asked", [True, False])
def test_a_keepalive_in_vain_before_the_fin(tmp_path: Path, *, asked: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER)
        talk.play("0 > . seq=1000 ack=5000" if asked else "")
        talk.play(
            "10 > F. seq=1001 ack=5000\n10.3 > F. again ack=5000\n10.9 > F. again ack=5000\n13 > F. again ack=5000"
        )
        wire.talk("10.0.0.1:40001", "10.0.0.3:80").play(GREETING)

    rivals = told(tmp_path, play)["D13"].rivals
    assert any("had forgotten what was idle (D08)" in rival for rival in rivals) is asked
    assert (
        any(
            rival.startswith("a firewall that dropped its state") and "ruled out" in rival for rival in rivals
        )
        is asked
    )


@pytest.mark.parametrize("closes", [True, False])
def test_who_closes_after_data_in_vain_has_given_up(tmp_path: Path, *, closes: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(GREETING)
        talk.play("10 > P. 20")
        for at in (10.3, 10.9, 12.1, 14.5, 19.3, 28.9):
            talk.play(f"{at} > P. 20 again")
        end = talk.client.next
        talk.play("35 > F." if closes else "")
        talk.play(f"38 < P. 41 ack={end - 20}\n38.0001 > R seq={end}\n45 < P. 41 again ack={end - 20}")

    explanation = told(tmp_path, play)["D56"].explanation
    assert ("gave up with a FIN, and reset what came after that" in explanation) is closes


@pytest.mark.parametrize("at", [8, 60], ids=["about-then", "long-after"])
def test_a_host_that_is_heard_long_after_may_have_been_down(tmp_path: Path, at: float) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:39000", "10.0.0.3:80").play(GREETING)
        wire.talk("10.0.0.1:40000", SERVER).play("0 > S\n1 > S again\n3 > S again\n5 > S again")
        wire.talk("10.0.0.1:40001", "10.0.0.2:8060", at=at).play(GREETING)

    rivals = told(tmp_path, play)["D01"].rivals
    assert any(rival.startswith("the host is down: ruled out") for rival in rivals) == (at == 8)
    assert any(rival.startswith("the host was down then") for rival in rivals) == (at == 60)


@pytest.mark.parametrize("earlier", [True, False], ids=["after-a-copy-of-other-data", "alone"])
def test_a_stall_is_told_since_its_first_copy(tmp_path: Path, *, earlier: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(GREETING)
        if earlier:
            talk.play("2 > P. 30\n2.2 > P. 30 again\n2.2001 < .")
        talk.play("10 > P. 40")
        for at in (10.3, 10.9, 12.1, 14.5):
            talk.play(f"{at} > P. 40 again")
        talk.play("18 < .\n18.01 < P. 10\n18.011 > .")

    since_ns = told(tmp_path, play)["D56"].since_ns
    assert since_ns is not None
    assert round((since_ns - BASE_NS) / 1e9, 1) in (10.0, 10.3)


@pytest.mark.parametrize("answered", [5.5, 3.02], ids=["late", "at-once"])
def test_connects_that_are_answered_late_after_two_retries_are_no_trifle(
    tmp_path: Path, answered: float
) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=number)
            talk.play(f"0 > S\n1 > S again\n3 > S again\n{answered} < S.\n{answered + 0.01} > .")
            talk.play("8 > P. 10\n8.03 < P. 10\n8.04 > .")

    assert told(tmp_path, play)["D34"].severity == "warning"
