"""D26: handshakes that nobody means to finish."""

from collections.abc import Callable
from pathlib import Path

from tests.diagnosis.builders import Look, analysed, found, listener, look
from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE as HANDSHAKE_LINES, Wire
from wirestat.diagnosis import diagnose
from wirestat.model import Confidence, Severity, State

HANDSHAKE = look("client:sent-data", "server:sent-data")


def test_syn_flood() -> None:
    flood = [
        look(client=State.ESTABLISHED, server=State.SYN_RECV, address=f"198.51.100.{number}", times=10_000)
        for number in range(8)
    ]
    finding = found(*flood, HANDSHAKE)["D26"]
    assert finding.severity is Severity.ERROR
    assert finding.count == 80_000
    assert finding.explanation.startswith(
        "80,000 handshakes in a capture of 10 min were begun with 10.0.0.2:80"
    )


def test_scan() -> None:
    scan = [
        look("server:refused", "server:rst-sent", client=State.CLOSED, server=State.CLOSED, port=number)
        for number in range(20, 140)
    ]
    finding = found(*scan)["D26"]
    assert finding.severity is Severity.WARNING
    assert "10.0.0.1 began 120 handshakes with ports of 10.0.0.2 and finished none" in finding.explanation


def test_many_refusals_by_one_port_are_no_scan() -> None:
    refused = look("server:refused", "server:rst-sent", client=State.CLOSED, server=State.CLOSED)
    findings = found(*[refused] * 70)
    assert "D26" not in findings
    assert findings["D02"].count == 70


def test_a_busy_server_with_some_unfinished_handshakes_is_not_under_attack() -> None:
    embryo = look(client=State.ESTABLISHED, server=State.SYN_RECV, times=60)
    assert found(embryo, HANDSHAKE._replace(times=600)) == {}


def test_a_client_whose_network_is_down_scans_nobody() -> None:
    tried = [
        look("client:syn-resent", client=State.CLOSED, server=State.UNKNOWN, port=number)
        for number in range(20, 26)
    ]
    findings = found(*tried)
    assert findings.keys() == {"D01"}
    assert findings["D01"].count == 6


def test_a_half_open_scan_of_a_few_ports() -> None:
    refused = look("server:refused", "server:rst-sent", client=State.CLOSED, server=State.CLOSED)
    open_port = look(
        "client:rst-answers-syn-ack", "client:rst-sent", client=State.CLOSED, server=State.CLOSED, port=22
    )
    findings = found(refused, refused._replace(port=81), open_port)
    assert findings.keys() == {"D26"}
    assert (findings["D26"].severity, findings["D26"].confidence) == (Severity.NOTE, Confidence.POSSIBLE)


def scan_of(ports: int) -> Callable[[Wire], None]:
    """Ask so many ports, one every 10 ms, and an hour later open a connection to another host."""

    def play(wire: Wire) -> None:
        for number in range(ports):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", f"10.0.0.2:{8_000 + number}")
            talk.play("0 > S", at=number * 0.01)
        wire.talk("10.0.0.1:39000", "10.0.0.3:80").play(HANDSHAKE_LINES, at=3600)

    return play


def test_a_small_scan_takes_as_long_as_from_its_first_syn_to_the_last(tmp_path: Path) -> None:
    finding = told(tmp_path, scan_of(20))["D26"]
    assert (finding.severity, finding.confidence) == (Severity.NOTE, Confidence.POSSIBLE)
    assert "began 20 handshakes within 190 ms with ports of 10.0.0.2" in finding.explanation
    assert "D26" not in told(tmp_path, scan_of(19))


def test_many_ports_that_are_asked_again_are_no_scan() -> None:
    again = look("client:syn-resent", client=State.SYN_SENT, server=State.UNKNOWN)
    assert "D26" not in found(*(again._replace(port=number) for number in range(20, 60)))


def test_a_flood_of_many_sockets_is_told_by_their_listeners() -> None:
    # Five connections of half a million are named, each to another socket.
    flood = [
        look(
            client=State.ESTABLISHED,
            server=State.SYN_RECV,
            address=f"198.51.100.{number}",
            port=number,
            times=1000,
        )
        for number in range(1, 6)
    ]
    assert "D26" not in found(*flood)
    sockets = tuple(listener(port=number, clients=900, embryonic=number * 100) for number in range(1, 6))
    finding = found(*flood, listeners=sockets)["D26"]
    assert finding.count == 5000
    assert "were begun with 10.0.0.2:5 and 4 other sockets and never finished" in finding.explanation


def scanned(port: int) -> Look:
    return look(
        "server:refused", "server:rst-sent", client=State.CLOSED, server=State.CLOSED, port=port, times=40
    )


def test_a_scan_beside_healthy_traffic() -> None:
    healthy = HANDSHAKE._replace(times=100_000)
    findings = found(*(scanned(number) for number in range(1, 6)), healthy)
    assert findings.keys() == {"D26"}
    assert findings["D26"].explanation.startswith("10.0.0.1 began 200 handshakes")


def test_who_asks_again_and_again_for_the_same_scans_nobody() -> None:
    healthy = HANDSHAKE._replace(times=100_000)
    assert "D26" not in found(*(scanned(80) for _ in range(5)), healthy)
    several = (scanned(number)._replace(address=f"10.0.1.{number}") for number in range(1, 6))
    assert "D26" not in found(*several, healthy)


def test_clients_of_a_dead_server_ask_again_and_are_no_flood() -> None:
    asked = look("client:syn-resent", client=State.SYN_SENT, server=State.UNKNOWN, times=50)
    findings = found(*(asked._replace(address=f"10.0.1.{number}") for number in range(1, 9)))
    assert findings.keys() == {"D01"}
    assert findings["D01"].count == 400


def wordless(port: int, *facts: str) -> Look:
    return look(
        "server:rst-sent", "server:rst-aborts", *facts, client=State.CLOSED, server=State.CLOSED, port=port
    )


def test_finished_handshakes_over_many_ports_are_a_scan() -> None:
    ports = range(20, 50)
    answering = tuple(listener(port=port, connections=1, answered=1) for port in ports)
    findings = found(*map(wordless, ports), listeners=answering)
    assert "finished handshakes with 30 ports of 10.0.0.2 and said nothing" in findings["D26"].explanation
    assert "D27" not in findings


def test_health_checks_of_one_port_are_no_scan() -> None:
    findings = found(*[wordless(80)] * 30, listeners=(listener(),))
    assert "D26" not in findings


def test_connections_that_carry_data_are_no_scan() -> None:
    ports = range(20, 50)
    answering = tuple(listener(port=port, connections=1, answered=1) for port in ports)
    spoken = [wordless(port, "client:sent-data") for port in ports]
    assert "D26" not in found(*spoken, listeners=answering)


def test_scans_of_several_clients_at_once_are_told_apart() -> None:
    refused = look("server:refused", "server:rst-sent", client=State.CLOSED, server=State.CLOSED)
    scans = [
        refused._replace(port=number, address=address)
        for address in ("10.0.1.1", "10.0.1.2")
        for number in range(20, 140)
    ]
    told = [one for one in diagnose(analysed(*scans)) if one.id == "D26"]
    assert [one.explanation.split(" began ")[0] for one in told] == ["10.0.1.1", "10.0.1.2"]
    assert "D02" not in found(*scans)


def test_a_scan_that_asks_each_port_several_times_is_one() -> None:
    silent = look("client:syn-resent", client=State.CLOSED, server=State.UNKNOWN)
    scan = [silent._replace(port=number) for number in range(20, 60) for _ in range(3)]
    others = [silent._replace(address=f"10.0.1.{number}", port=80) for number in range(5)]
    findings = found(*scan, *others)
    assert findings["D26"].count == 120
    assert findings["D01"].count == 5


def test_a_scan_whose_syns_carry_data_is_one() -> None:
    silent = look("client:sent-data", "client:syn-resent", client=State.SYN_SENT, server=State.UNKNOWN)
    findings = found(*(silent._replace(port=number) for number in range(1, 120)))
    assert "with ports of 10.0.0.2 and finished none" in findings["D26"].explanation


def test_a_scan_of_one_host_asks_another_in_passing() -> None:
    silent = look(client=State.SYN_SENT, server=State.UNKNOWN)
    scan = [silent._replace(port=number) for number in range(1, 120)]
    findings = found(silent._replace(server_address="10.0.0.9"), *scan)
    assert "with ports of 10.0.0.2, but for 1 other host and" in findings["D26"].explanation


def test_a_slow_scan_of_a_few_ports_of_a_host_that_others_use(tmp_path: Path) -> None:
    def play(wire: Wire, ports: int) -> None:
        for number in range(ports):
            wire.talk(f"10.0.0.66:{50_000 + number}", f"10.0.0.9:{20 + number}", at=15.0 * number).play(
                "0 > S\n0.0004 < R."
            )
        for number in range(60):
            other = wire.talk(f"10.0.0.5:{41_000 + number}", "10.0.0.9:443", at=10.0 * number)
            other.play(HANDSHAKE_LINES).play("1 > P. 5\n1.01 < P. 5\n1.02 > .\n2 > F.\n2.001 < F.\n2.002 > .")

    assert told(tmp_path, lambda wire: play(wire, 30))["D26"].count == 30
    assert "D26" not in told(tmp_path, lambda wire: play(wire, 12))
