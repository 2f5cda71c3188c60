"""D20, D21, D33: a SYN on addresses and ports that one end still has in use."""

from pathlib import Path

from tests.diagnosis.builders import found, look
from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Confidence, Fault, Severity, State
from wirestat.timers import SECOND

REUSED = look(
    "client:fin-sent",
    "server:fin-sent",
    "client:stray-syn",
    "server:challenge-ack",
    "client:rst-sent",
    client=State.CLOSED,
    server=State.CLOSED,
)
REBOOTED = look(
    "client:stray-syn", "server:challenge-ack", "client:rst-sent", client=State.CLOSED, server=State.CLOSED
)


def test_port_reused_in_time_wait() -> None:
    findings = found(REUSED)
    assert findings.keys() == {"D20"}
    assert "still held the old connection" in findings["D20"].explanation


def test_client_came_back_from_a_reboot() -> None:
    findings = found(REBOOTED)
    assert findings.keys() == {"D21"}
    assert findings["D21"].severity is Severity.INFO


def test_no_host_is_rebooted_within_a_second() -> None:
    soon = found(REBOOTED._replace(figures={"client:stray-syn": SECOND}))["D21"]
    assert soon.confidence is Confidence.POSSIBLE
    assert "no host is rebooted so soon" in soon.explanation
    later = found(REBOOTED._replace(figures={"client:stray-syn": 60 * SECOND}))["D21"]
    assert later == found(REBOOTED)["D21"]


def test_who_goes_on_did_not_send_the_syn() -> None:
    forged = look("client:stray-syn", "server:challenge-ack", "client:spoke-after-own-syn")
    findings = found(forged)
    assert findings.keys() == {"D33"}
    assert (findings["D33"].confidence, findings["D33"].fault) == (Confidence.CERTAIN, Fault.PATH)
    assert found(forged.also("reordered-by-tap"))["D33"].confidence is Confidence.LIKELY


def test_a_stray_syn_that_is_ignored_is_no_finding() -> None:
    assert found(look("client:stray-syn")) == {}


def test_both_mean_less_where_the_order_is_lost() -> None:
    assert found(REUSED.also("reordered-by-tap"))["D20"].confidence is Confidence.POSSIBLE
    assert found(REBOOTED.also("reordered-by-tap"))["D21"].confidence is Confidence.POSSIBLE


ANOTHER = look(
    "client:rst-sent",
    "client:rst-turns-away",
    "server:challenge-ack",
    client=State.CLOSED,
    server=State.CLOSED,
)


def test_a_syn_that_meets_a_connection_the_client_never_had() -> None:
    findings = found(ANOTHER)
    assert findings.keys() == {"D20"}
    assert findings["D20"].confidence is Confidence.POSSIBLE
    assert "numbers that it never used" in findings["D20"].explanation
    assert "D20" not in found(look("client:rst-sent", "client:rst-out-of-window", "server:challenge-ack"))


def test_a_client_whose_resets_of_the_old_connection_are_in_vain(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        old = wire.talk("10.0.0.1:833", "10.0.0.9:2049").play(GREETING)
        new = wire.talk("10.0.0.1:833", "10.0.0.9:2049", at=60)
        new.server.isn = old.server.isn
        due = old.client.isn + 101 - new.client.isn
        for second in (0, 1, 3, 7):
            new.play(f"{second} > S {'again' if second else ''}\n{second + 0.001} < . seq=301 ack={due}")
            new.play(f"{second + 0.002} > R seq={due}")

    findings = told(tmp_path, play)
    assert findings["D21"].severity is Severity.WARNING
    assert "reset that 4 times: each further SYN drew the old numbers" in findings["D21"].explanation
    assert "D28" not in findings
