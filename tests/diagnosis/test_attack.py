"""D26: handshakes that nobody means to finish."""

from tests.diagnosis.builders import found, look
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
    assert finding.explanation.startswith("80,000 handshakes within 10 min were begun with 10.0.0.2:80")


def test_scan() -> None:
    scan = [
        look("server:refused", "server:rst-sent", client=State.CLOSED, server=State.CLOSED, port=number)
        for number in range(20, 140)
    ]
    finding = found(*scan)["D26"]
    assert finding.severity is Severity.WARNING
    assert (
        "10.0.0.1 began 120 handshakes within 10 min with ports of 10.0.0.2 and finished none"
        in finding.explanation
    )


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
