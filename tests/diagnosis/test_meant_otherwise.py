"""Traffic that looks like a fault or an attack and is meant: each beside its nearest neighbour, which is one."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire
from wirestat.model import Severity

SERVER = "10.0.0.2:80"


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_request_with_the_fin_at_its_heels_may_still_be_worked_on(
    tmp_path: Path, is_answered: bool
) -> None:
    """``nc -N``, ``rsh`` and old HTTP clients close their direction behind the request, and read until the end."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(HANDSHAKE).play("0.002 > P. 200")
        if is_answered:
            talk.play("0.003 < P. 300")
        talk.play("0.004 > F.\n0.005 < .")
        wire.talk("10.0.0.3:40001", SERVER, at=100).play(GREETING)

    finding = told(tmp_path, play)["D10"]
    assert finding.severity is (Severity.WARNING if is_answered else Severity.NOTE)
    assert (
        any(
            rival.startswith("a half-close that is meant: open, the last request") for rival in finding.rivals
        )
        != is_answered
    )


@pytest.mark.parametrize("is_led", [True, False])
def test_ports_that_a_server_names_one_by_one_are_no_scan(tmp_path: Path, is_led: bool) -> None:
    """FTP names a port for each transfer, and RPC for each service; a firewall refuses them all."""

    def play(wire: Wire) -> None:
        control = wire.talk("10.0.0.1:39000", "10.0.0.2:21").play(GREETING)
        for number in range(120):
            if is_led:
                control.play("0 > P. 6\n0.001 < P. 50\n0.0011 > .", at=1 + 2 * number)
            named = wire.talk(f"10.0.0.1:{40_000 + number}", f"10.0.0.2:{50_000 + 37 * number}")
            named.play("0 > S\n0.001 < R. seq=0", at=1.002 + 2 * number)

    findings = told(tmp_path, play)
    assert ("D26" in findings) != is_led
    assert ("D02" in findings) == is_led


@pytest.mark.parametrize("are_peers", [True, False])
def test_peers_at_ports_of_their_own_are_no_scan(tmp_path: Path, are_peers: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(150):
            port = 6_881 + 13 * number if are_peers else 445
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", f"10.{number}.3.4:{port}", at=number / 2)
            talk.play(GREETING if number % 6 == 0 else "0 > S" if number % 3 else "0 > S\n0.05 < R. seq=0")

    assert ("D26" in told(tmp_path, play)) != are_peers


@pytest.mark.parametrize("are_resent", [True, False])
def test_a_capture_of_syns_alone_does_not_tell_whether_anybody_answered(
    tmp_path: Path, are_resent: bool
) -> None:
    """``tcpdump 'tcp[13] == 2'`` keeps the SYNs; who is not answered sends again."""

    def play(wire: Wire) -> None:
        for number in range(60):
            client, server = f"10.0.0.{1 + number % 7}:{40_000 + number}", f"10.0.0.{200 + number % 3}:443"
            talk = wire.talk(client, server, at=0.7 * number).play("0 > S")
            if are_resent or number % 10 == 0:
                talk.play("1 > S again\n3 > S again")

    findings = told(tmp_path, play)
    assert ("D01" in findings) == are_resent
    assert are_resent or not {"D26", "D01"} & set(findings)
    assert (
        "a filter has left out the answers" in findings["D25"].explanation if "D25" in findings else False
    ) != (are_resent)


@pytest.mark.parametrize("is_filtered", [True, False])
def test_a_capture_of_syns_and_their_answers_shows_no_flood(tmp_path: Path, is_filtered: bool) -> None:
    """A server that waits for the last ACK of a handshake sends its SYN-ACK again."""

    def play(wire: Wire) -> None:
        for number in range(200):
            talk = wire.talk(f"10.{number}.0.1:{40_000 + number}", "10.0.0.2:443", at=0.05 * number)
            talk.play("0 > S\n0.01 < S." + ("" if is_filtered else "\n1.01 < S. again\n3.01 < S. again"))

    finding = told(tmp_path, play)["D26"]
    assert finding.severity is (Severity.NOTE if is_filtered else Severity.ERROR)
    assert ("a filter may have left out the rest" in " ".join(finding.doubts)) == is_filtered


@pytest.mark.parametrize("has_spoken", [True, False])
def test_a_client_that_resets_what_it_has_just_opened_has_forgotten_nothing(
    tmp_path: Path, has_spoken: bool
) -> None:
    """Windows asks port 445 and port 139 at once, and drops the one that comes second."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:139").play(HANDSHAKE)
        talk.play("2.0 < P. 40\n2.0004 > R seq=1" if has_spoken else "0.0015 > R seq=1")
        wire.talk("10.0.0.1:40000", "10.0.0.2:445").play(GREETING).play(FAREWELL, at=5)

    assert ("D07" in told(tmp_path, play)) == has_spoken


@pytest.mark.parametrize("share", [True, False])
def test_silences_that_share_an_instant_may_end_in_a_restart(tmp_path: Path, share: bool) -> None:
    """A pool that finds its server restarted looks like an idle time-out, unless the silences lie apart."""

    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=0 if share else 500 * number)
            talk.play(GREETING).play(f"{400 + number} > P. 100\n{400 + number}.0005 < R seq=301")

    finding = told(tmp_path, play)["D08"]
    assert finding.severity is (Severity.WARNING if share else Severity.ERROR)
    assert any("was restarted (D07): open, one instant" in rival for rival in finding.rivals) == share


@pytest.mark.parametrize("stays", [True, False])
def test_a_device_with_one_socket_drops_the_syns_of_others(tmp_path: Path, stays: bool) -> None:
    """Controllers and serial gateways serve one master, and answer nobody else meanwhile."""

    def play(wire: Wire) -> None:
        master = wire.talk("10.0.0.1:40000", "10.0.0.5:502").play(GREETING)
        master.play("30 > P. 12\n30.01 < P. 20\n30.011 > .")
        if not stays:
            master.play(FAREWELL, at=31)
        wire.talk("10.0.0.2:40000", "10.0.0.5:502", at=5).play("0 > S\n1 > S again\n3 > S again\n7 > S again")

    rivals = told(tmp_path, play)["D01"].rivals
    assert any(rival.startswith("a device that has few sockets") for rival in rivals) == stays
