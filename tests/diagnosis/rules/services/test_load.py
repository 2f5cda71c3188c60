"""D22, D31, D32: what strikes a server as a whole."""

from tests.diagnosis.builders import CLIENT, found, listener
from wirestat.model import Severity


def test_ports_run_out() -> None:
    finding = found(listeners=(listener(time_wait_peak=27_000, time_wait_client=CLIENT),))["D22"]
    assert finding.severity is Severity.ERROR
    assert (
        "10.0.0.1 had 27,000 connections to 10.0.0.2:80 in TIME_WAIT at one time: 96 %" in finding.explanation
    )


def test_many_time_waits_that_leave_room_are_no_finding() -> None:
    assert "D22" not in found(listeners=(listener(time_wait_peak=9_000, time_wait_client=CLIENT),))


def test_listening_sockets() -> None:
    finding = found(listeners=(listener(short_lived=50), listener(port=443, answered=0)))["D32"]
    assert finding.severity is Severity.INFO
    assert finding.explanation == (
        "1 socket answered connections: 10.0.0.2:80 (100 connections of 10 clients, 50 % over within a second, "
        "backlog up to 2)."
    )


def test_a_long_backlog_is_told_and_is_no_cause_by_itself() -> None:
    finding = found(listeners=(listener(embryonic_peak=128),))["D32"]
    assert "backlog up to 128" in finding.explanation
    assert finding.severity is Severity.INFO
    assert finding.asks_nothing


def test_a_socket_that_did_not_answer_all_connects() -> None:
    said = found(listeners=(listener(connections=30, answered=8, refused=20, unanswered=2, clients=1),))[
        "D32"
    ]
    assert "10.0.0.2:80 (30 connects of 1 client, 20 refused and 2 unanswered, backlog" in said.explanation
