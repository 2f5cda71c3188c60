"""D26: handshakes that nobody means to finish."""

from tests.diagnosis.builders import found, look
from wirestat.model import Severity, State

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
        for number in range(20, 90)
    ]
    finding = found(*scan)["D26"]
    assert finding.severity is Severity.WARNING
    assert (
        "10.0.0.1 began 70 handshakes within 10 min with ports of 10.0.0.2 and finished none"
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
