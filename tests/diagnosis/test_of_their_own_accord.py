"""Ends that speak when they like, segments that answer something else, and copies that belong to one stall: what is
told of them, beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Talk, Wire
from wirestat.model import Confidence, Severity

CLIENT, SERVER = "10.0.0.1:40000", "10.0.0.2:1863"
FAR = """
0.0 > S
0.2 < S.
0.2001 > .
0.3 > P. 100
0.5 < P. 300
0.5001 > .
"""


@pytest.mark.parametrize(("apart", "is_told"), [(0.15, True), (0.8, False)])
def test_fins_that_are_further_apart_than_the_way_takes_did_not_cross(
    tmp_path: Path, apart: float, is_told: bool
) -> None:
    """The first was lost, and its copy is answered."""

    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER).play(FAR)
        talk.play(f"5 > F.\n{5 + apart} < F. ack=101\n{5.001 + apart} > .\n{5.2 + apart} < .")

    finding = told(tmp_path, play).get("D15")
    assert (finding is not None) is is_told
    assert finding is None or finding.confidence is Confidence.CERTAIN


def test_fins_somewhat_further_apart_than_the_way_takes_may_have_crossed(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk(CLIENT, SERVER).play(FAR).play("5 > F.\n5.3 < F. ack=101\n5.301 > .\n5.5 < .")

    finding = told(tmp_path, play)["D15"]
    assert finding.confidence is Confidence.LIKELY
    assert any(doubt.startswith("they are 300 ms apart") for doubt in finding.doubts)


@pytest.mark.parametrize("is_chat", [True, False])
def test_words_of_a_chat_are_no_answers(tmp_path: Path, is_chat: bool) -> None:
    """Both say several things in a row, seconds apart. A client that waits for each answer is kept waiting."""

    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER).play(GREETING)
        for number in range(9):
            at = 10 + 10 * number
            talk.play(f"{at} > P. 110\n{at}.001 < .")
            if is_chat:
                talk.play(f"{at + 2} > P. 120\n{at + 2}.001 < .")
            talk.play(f"{at + 4} < P. 137\n{at + 4}.001 > .")
            if is_chat:
                talk.play(f"{at + 6} < P. 90\n{at + 6}.001 > .")

    assert ("D49" in told(tmp_path, play)) is not is_chat


@pytest.mark.parametrize("is_clock", [True, False])
def test_pings_of_two_clocks_are_no_answers(tmp_path: Path, is_clock: bool) -> None:
    """Each pings every ten seconds or so. A client that asks as steadily, and waits each time, is kept waiting."""

    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER).play(GREETING)
        for number in range(12):
            asked = 10 + 10.5 * number
            answered = asked + (9.2 if is_clock else 2)
            talk.play(f"{asked} > P. 55\n{asked + 0.001} < .\n{answered} < P. 55\n{answered + 0.001} > .")

    assert ("D49" in told(tmp_path, play)) is not is_clock


@pytest.mark.parametrize("is_old", [True, False])
def test_a_connection_that_was_open_before_the_capture_may_have_been_idle(
    tmp_path: Path, is_old: bool
) -> None:
    """Nothing of its other end is in the capture: a time-out on the way may have taken it."""

    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:41000", "10.0.0.3:80").play(GREETING).play(FAREWELL, at=200)
        talk = wire.talk(CLIENT, SERVER)
        talk.play("0 > S lost\n0.001 < S. lost\n0.002 > . lost" if is_old else GREETING)
        talk.play("61 > P. 60" if is_old else "0.1 > P. 60")
        for at in (0.3, 0.9, 2, 4.5, 9, 18, 36):
            talk.play(f"{at + 61 * is_old} > P. again")

    finding = told(tmp_path, play)["D09"]
    silent = "it was open before the capture, and silent for the first 61 s of it"
    assert any(rival.endswith(f"(D08): open, {silent}") for rival in finding.rivals) is is_old


def outage(wire: Wire, *, hosts: int) -> Talk:
    """A connection that stands for twelve seconds, and others that are asked for meanwhile, to so many hosts."""
    for number in range(3):
        wire.talk(f"10.0.0.1:{41_000 + number}", f"10.0.1.{number}:443").play(GREETING).play(FAREWELL, at=2)
    talk = wire.talk(CLIENT, SERVER, at=3).play(GREETING)
    talk.play(
        "7 > P. 97\n7.3 > P. again\n7.9 > P. again\n9.1 > P. again\n11.5 > P. again\n19.2 > P. again\n19.25 < ."
    )
    for number in range(2 * hosts):
        other = wire.talk(
            f"10.0.0.1:{42_000 + number}", f"10.0.1.{number % hosts}:443", at=10.5 + number / 10
        )
        other.play("0 > S\n1 > S again\n3 > S again\n7 > S again")
        other.play("11.6 < S.\n11.601 > .\n11.7 > P. 9\n11.75 < P. 9\n11.8 > .")
    return talk


def test_a_stall_in_an_outage_is_told_with_it(tmp_path: Path) -> None:
    findings = told(tmp_path, lambda wire: outage(wire, hosts=3))
    assert "D56" not in findings
    assert "Data on 1 connection that it had before stood as well." in findings["D54"].explanation


def test_connects_that_are_answered_when_all_comes_back_were_not_answered_meanwhile(tmp_path: Path) -> None:
    findings = told(tmp_path, lambda wire: outage(wire, hosts=1))
    assert "D54" not in findings
    assert "eanwhile" not in findings["D56"].explanation
    assert any(rival.startswith("the way was down for that time") for rival in findings["D56"].rivals)


def test_who_gives_up_a_connect_resets_nothing(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER)
        talk.play("0 > S\n1 > S again\n3 > S again\n7 > S again\n15 > S again\n40 > R. seq=0")

    findings = told(tmp_path, play)
    assert "D01" in findings
    assert "D28" not in findings


def test_a_reset_after_both_had_reset_answers_what_came_late(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER).play(GREETING)
        talk.play(
            "1 < P. 1460\n1.0001 < P. 1460\n1.01 < R.\n1.0101 > R.\n1.02 > . ack=301\n1.0201 < R seq=301"
        )

    assert "D28" not in told(tmp_path, play)


def copies(talk: Talk, at: float, first: int) -> None:
    """Send four segments and three copies of each, which are acknowledged two seconds later, copy by copy."""
    numbers = [first + 1460 * number for number in range(4)]
    for wait in (0, 0.3, 0.8, 1.3, 2.01):
        for number, seq in enumerate(numbers):
            talk.play(f"{at + wait + number / 1000} < P. 1460 seq={seq}")
    for number in range(16):
        talk.play(f"{at + 2 + number / 1000} > . ack={first + 4 * 1460}")


@pytest.mark.parametrize("stalls", [1, 4])
def test_copies_of_one_stall_are_no_loss(tmp_path: Path, stalls: int) -> None:
    """A radio link that slept hands all of them over at once; loss goes on."""

    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER).play(GREETING)
        for number in range(8):
            talk.play(f"{1 + number / 100} < P. 1460\n{1.001 + number / 100} > .")
        for number in range(stalls):
            copies(talk, 2 + 5 * number, talk.server.next)
        talk.play(FAREWELL, at=30)

    assert ("D57" in told(tmp_path, play)) is (stalls > 1)


@pytest.mark.parametrize(("other", "is_front"), [(54, True), (240, False)])
def test_a_reset_with_the_ttl_of_the_syn_ack_is_the_front_ends(
    tmp_path: Path, other: int, is_front: bool
) -> None:
    """Another connection to the socket was opened with the TTL of the data: of one stack, that may be two ways."""

    def play(wire: Wire) -> None:
        first = wire.talk("10.0.0.1:39000", SERVER, server_ttl=other)
        first.play(GREETING).play("1 > P. 9\n1.001 < P. 9\n1.002 > .").play(FAREWELL, at=2)
        talk = wire.talk(CLIENT, SERVER, at=4, server_ttl=other)
        talk.play("0 > S\n0.05 < S. ttl=245\n0.0501 > .\n0.06 > P. 107\n0.11 < .\n0.7 < R. ttl=245")

    explanation = told(tmp_path, play)["D16"].explanation
    assert ("the front end that answered the SYN reset it" in explanation) is is_front


def test_answers_that_do_not_arrive_for_a_while_are_no_loop(tmp_path: Path) -> None:
    """The server's data and acknowledgements do not come through for nine seconds; the client's copies do."""

    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER, stamps=False).play(GREETING)
        talk.play("1 > P. 42\n1.001 < P. 60")
        for at in (1.3, 1.9, 3.1, 4.4, 5.5, 7.9):
            talk.play(f"{at} > P. again ack=301\n{at + 0.001} < .\n{at + 0.02} < P. again")
        talk.play("10.2 > .\n11 > P. 9\n11.001 < P. 9\n11.002 > .").play(FAREWELL, at=12)

    assert "D46" not in told(tmp_path, play)


@pytest.mark.parametrize("is_near", [True, False])
def test_somebody_near_takes_requests_in_the_names_of_all_servers(tmp_path: Path, is_near: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(6):
            ttl = 16 if is_near else 40 + 3 * number
            server = f"{20 + 3 * number}.9.0.{number}:443"
            talk = wire.talk(f"10.8.0.1:{41_000 + number}", server, server_ttl=ttl)
            talk.play(HANDSHAKE).play("0.01 > P. 63\n0.0102 < .\n6.3 > F.\n6.301 < F.\n6.302 > .")
        other = wire.talk("10.8.0.1:43000", "20.9.0.0:443", server_ttl=16 if is_near else 40)
        other.play(GREETING).play(FAREWELL, at=2)

    finding = told(tmp_path, play)["D51"]
    assert ("Somebody near the client acknowledged it" in finding.explanation) is is_near
    assert finding.severity is (Severity.NOTE if is_near else finding.severity)


@pytest.mark.parametrize(("flags", "is_told"), [("RF.", False), ("R.", True)])
def test_a_lone_reset_with_a_fin_resets_nothing(tmp_path: Path, flags: str, is_told: bool) -> None:
    def play(wire: Wire) -> None:
        wire.talk(CLIENT, SERVER).play(f"0 < {flags} seq=77 ack=99")

    finding = told(tmp_path, play).get("D27")
    assert (finding is not None) is is_told
    assert finding is None or "Nothing else of it was captured" in finding.explanation


@pytest.mark.parametrize(("records", "is_told"), [(1, True), (8, False)])
def test_who_goes_on_without_answers_asks_for_none(tmp_path: Path, records: int, is_told: bool) -> None:
    """Records of a log come as they arise; a request that is not answered is given up."""

    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, "10.0.0.2:514").play(HANDSHAKE)
        for number in range(records):
            talk.play(f"{1 + 2.3 * number:.2f} > P. 180\n{1.04 + 2.3 * number:.2f} < .")
        talk.play("50 > F.\n50.001 < F.\n50.002 > .")

    assert ("D51" in told(tmp_path, play)) is is_told


@pytest.mark.parametrize(("waits", "confidence"), [(5.02, "possible"), (2.5, "likely")])
def test_waits_as_polls_have_are_a_hint(tmp_path: Path, waits: float, confidence: str) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, "10.0.0.2:6379").play(GREETING)
        for number in range(12):
            at = 1 + (waits + 0.01) * number
            talk.play(f"{at} > P. 44\n{at + 0.001} < .\n{at + waits} < P. 5\n{at + waits + 0.0001} > .")

    assert told(tmp_path, play)["D49"].confidence == confidence


@pytest.mark.parametrize(("opened", "is_told"), [(248, True), (160, False)])
def test_no_way_is_a_hundred_hops_longer(tmp_path: Path, opened: int, is_told: bool) -> None:
    """Packets that come by two ways, in turn, differ by a few hops."""

    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER, server_ttl=143)
        talk.play(f"0 > S\n0.05 < S. ttl={opened}\n0.0501 > .")
        for number in range(12):
            at, ttl = 1 + 0.2 * number, 142 + number % 2
            talk.play(f"{at:.2f} > P. 60\n{at + 0.05:.2f} < P. 70 ttl={ttl}\n{at + 0.0501:.4f} > .")

    assert ("D44" in told(tmp_path, play)) is is_told


@pytest.mark.parametrize("was_answered", [True, False])
def test_probes_after_a_silence_may_be_in_vain_for_it(tmp_path: Path, was_answered: bool) -> None:
    """Keepalive after two hours comes too late for a device that forgets, unless one like it was answered before."""

    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER, stamps=False).play(GREETING)
        if was_answered:
            talk.play("7200 > . 1 seq=100\n7200.001 < .")
        for number in range(10):
            talk.play(f"{7200 * (1 + was_answered) + number} > . 1 seq=100")
        talk.play(f"{7210 * (1 + was_answered)} > R.")

    rivals = told(tmp_path, play)["D09"].rivals
    known = "ruled out, probes after as long" if was_answered else "open, a silence of about 2 h came before"
    assert any(rival.startswith(f"an idle time-out on the way (D08): {known}") for rival in rivals)


@pytest.mark.parametrize(("step", "has_sense"), [(200_000, False), (0.2, True)])
def test_times_that_cannot_be_are_told_and_not_measured(tmp_path: Path, step: float, has_sense: bool) -> None:
    """A handshake of days tells that a silence of hours is none either."""

    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:39000", "10.0.0.2:80").play(f"0 > S\n0.001 < S.\n{step} > .")
        talk = wire.talk(CLIENT, SERVER, at=step).play(GREETING)
        talk.play("30000 < F.\n30000.001 > .")
        wire.talk("10.0.0.1:41000", "10.0.0.2:80", at=step).play(GREETING).play(FAREWELL, at=50_000)

    findings = told(tmp_path, play)
    assert ("make no sense" in findings["D25"].explanation if "D25" in findings else False) is not has_sense
    assert ("D10" in findings) is has_sense
