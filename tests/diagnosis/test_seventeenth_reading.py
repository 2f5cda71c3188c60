"""Kinds of misreading that the seventeenth reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, Wire
from wirestat.model import Severity

SERVER = "10.0.0.2:80"


@pytest.mark.parametrize("is_damaged", [True, False])
def test_an_end_that_closed_with_numbers_that_do_not_fit_holds_nothing(
    tmp_path: Path, is_damaged: bool
) -> None:
    """The first acknowledgement of the client was damaged on the way to the tap, and a filter left some data out."""
    first = "ack=400000001" if is_damaged else ""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER)
        talk.play(f"0 > S\n0.001 < S. {'ack=90000' if is_damaged else ''}\n0.0011 > . {first}")
        talk.play("0.002 > P. 300\n0.003 < .\n0.004 < P. 90 lost\n0.005 > .\n0.2 > F.\n0.201 < .")
        if is_damaged:
            talk.play("0.202 < F. seq=60\n0.203 > . ack=92")
        wire.talk("10.0.0.1:40001", SERVER, at=120).play("0 > S\n0.001 < S.\n0.002 > .")

    assert ("D10" in told(tmp_path, play)) != is_damaged


@pytest.mark.parametrize(("at", "is_alive"), [(20.0, True), (0.5, False), (90.0, False)])
def test_a_server_that_is_heard_while_fins_are_in_vain_is_not_dead(
    tmp_path: Path, at: float, is_alive: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(GREETING)
        talk.play("5 > F.\n5.2 > F. again\n5.6 > F. again\n6.4 > F. again\n8 > F. again\n11.2 > F. again")
        talk.play("17.6 > F. again\n30.4 > F. again\n56 > F. again")
        wire.talk("10.0.0.1:40001", SERVER, at=at).play(GREETING).play(FAREWELL, at=1)

    rivals = told(tmp_path, play)["D13"].rivals
    assert (
        any(rival.startswith("the other end is dead: ruled out, it is heard") for rival in rivals) == is_alive
    )
    assert any(rival.startswith("the other end is dead: a possible cause") for rival in rivals) != is_alive


@pytest.mark.parametrize("asks", [True, False])
def test_a_reset_that_was_asked_for_is_no_connection_forgotten(tmp_path: Path, asks: bool) -> None:
    """Multipath TCP ends a connection at once by MP_FASTCLOSE, which its receiver answers by a reset."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(GREETING)
        talk.play(f"9 < . {'fastclose' if asks else ''}\n9.0004 > R seq=101")

    findings = told(tmp_path, play)
    assert ("D07" in findings) != asks
    if asks:
        assert findings["D27"].severity is Severity.INFO
        assert "asked for this reset (MP_FASTCLOSE" in findings["D27"].explanation


@pytest.mark.parametrize("copies", [True, False])
def test_a_host_whose_packets_all_copy_the_identification_is_no_forger(tmp_path: Path, copies: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER, server_ttl=63)
        answer, data = ("id=7", "id=8") if copies else ("id=901", "id=902")
        talk.play(f"0 > S id=7\n0.06 < R. seq=0 id=7\n0.0645 < S. {answer}\n0.0646 > . id=8")
        talk.play(f"0.0647 > P. 300 id=8\n0.18 < . {data}\n0.19 < P. 79 {data}\n0.191 > . id=9")

    finding = told(tmp_path, play)["D18"]
    assert ("bears the identification of the very packet" in finding.explanation) != copies
    assert (finding.severity is Severity.ERROR) != copies


@pytest.mark.parametrize("is_heard", [False, True])
def test_fins_to_hosts_that_are_silent_since_before_a_gap(tmp_path: Path, *, is_heard: bool) -> None:
    """A laptop wakes in another network and closes what it had open: nobody answers it any more."""

    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:39000", "10.0.9.1:443").play(GREETING)
        for number in range(4):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", f"10.0.1.{number + 1}:443", at=3000)
            talk.play(
                "0 > F. seq=900 ack=700\n0.3 > F. again ack=700\n0.9 > F. again ack=700\n3 > F. again ack=700"
            )
        if is_heard:
            wire.talk("10.0.0.1:41000", "10.0.2.1:443", at=3001).play(GREETING)

    findings = told(tmp_path, play)
    assert ("D13" in findings) is is_heard
    assert ("D54" in findings) is not is_heard


@pytest.mark.parametrize("ports", [120, 1])
def test_a_syn_ack_to_a_scanner_whose_syn_was_missed_is_the_scans(tmp_path: Path, ports: int) -> None:
    def play(wire: Wire) -> None:
        for number in range(ports):
            wire.talk(f"10.0.0.1:{40_000 + number}", f"10.0.0.2:{1 + number}", at=0.1 * number).play("0 > S")
        missed = wire.talk("10.0.0.1:50000", "10.0.0.2:5900", at=5)
        missed.play("0 > S lost\n0.01 < S.\n1.01 < S. again\n3.01 < S. again\n7.01 < S. again")

    assert ("D04" in told(tmp_path, play)) == (ports == 1)


@pytest.mark.parametrize("idle", [600, 1])
def test_a_fin_in_vain_after_a_silence_finds_what_was_forgotten(tmp_path: Path, idle: int) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(GREETING)
        talk.play("0 > F.\n0.3 > F. again\n0.9 > F. again\n2.1 > F. again\n4.5 > F. again", at=idle)
        wire.talk("10.0.0.1:40001", "10.0.0.3:80", at=idle + 20).play(GREETING)

    rivals = told(tmp_path, play)["D13"].rivals
    assert any("had forgotten what was idle (D08): a possible cause" in rival for rival in rivals) == (
        idle > 60
    )


def test_a_host_that_speaks_before_and_after_alone_may_be_dead_meanwhile(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(GREETING)
        talk.play("5 > F.\n5.2 > F. again\n5.6 > F. again\n6.4 > F. again\n8 > F. again\n11.2 > F. again")
        wire.talk("10.0.0.1:40001", SERVER).play(GREETING).play(FAREWELL, at=90)

    rivals = told(tmp_path, play)["D13"].rivals
    assert any(rival.startswith("the other end is dead: a possible cause") for rival in rivals)


@pytest.mark.parametrize("ack", [0, 700])
def test_an_acknowledgement_of_nothing_is_of_no_connection_that_was_forgotten(
    tmp_path: Path, ack: int
) -> None:
    """Some stacks send bare ACKs while they are still opening: they bear the number 0, and so does the reset."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER)
        talk.server.isn = 0
        talk.play(
            f"0 > . seq=900 ack={ack}\n0.02 < R seq={ack}\n1.2 > . seq=900 ack={ack}\n1.22 < R seq={ack}"
        )

    findings = told(tmp_path, play)
    assert ("D07" in findings) is bool(ack)
    assert "D27" not in findings


@pytest.mark.parametrize("is_compared", [True, False])
def test_a_ttl_speaks_against_a_device_only_beside_others(tmp_path: Path, *, is_compared: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER)
        talk.play("0 > P. 80 seq=900 ack=700")
        talk.play(f"{'0.01 < . seq=700 ack=980' if is_compared else '0.01 > . seq=980 ack=700'}")
        talk.play("3 < R. seq=700 ack=980")

    findings = told(tmp_path, play)
    rivals = [one for name in ("D16", "D27") if name in findings for one in findings[name].rivals]
    unlikely = any(
        one.startswith("a device on the way (D18): unlikely, its TTL is that of") for one in rivals
    )
    still_open = any(one.startswith("a device on the way (D18): open, nothing else") for one in rivals)
    assert (unlikely or "D16" in findings, still_open) == (is_compared, not is_compared)


@pytest.mark.parametrize("is_opened", [True, False])
def test_a_silence_before_the_capture_is_not_known(tmp_path: Path, *, is_opened: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER)
        talk.play(GREETING if is_opened else "0 < P. 100 seq=700 ack=900\n0.001 > . seq=900 ack=800")
        talk.play("2 > P. 80\n2.0004 < R" if is_opened else "2 > P. 80 seq=900 ack=800\n2.0004 < R seq=800")

    doubts = " ".join(told(tmp_path, play)["D07"].doubts)
    assert ("no long silence came before" in doubts) is is_opened
    assert ("the capture does not show" in doubts) is not is_opened
