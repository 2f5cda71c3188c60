"""What the report puts together, and the groups of connections that stopped on the way."""

import pytest

from tests.report import fixtures
from tests.report.judged import CLOSE_WAIT, LAST_ACK, REPORTS, UNFIT, judged
from wirestat.model import Severity, State
from wirestat.report.build import build
from wirestat.report.stuck import is_stuck


@pytest.mark.parametrize(
    "told", [fixtures.clean, fixtures.lost_ack, fixtures.outage, fixtures.unfit, fixtures.empty]
)
def test_every_capture_can_be_judged(told: object) -> None:
    assert callable(told)
    report = build(told())
    assert report.summary.connections == len(list(report.connections()))


def test_what_is_wrong_with_the_capture_comes_before_all_else() -> None:
    report = judged(fixtures.outage(), LAST_ACK, CLOSE_WAIT, UNFIT)
    assert [finding.id for finding in report.findings] == ["D25", "D10", "D14"]


def test_the_worst_severity() -> None:
    assert REPORTS["outage"].worst() is Severity.ERROR
    assert REPORTS["clean"].worst() is None


def test_stuck_connections_are_grouped_by_where_they_stopped() -> None:
    groups = {(group.client_state, group.server_state): group.count for group in REPORTS["outage"].stuck}
    assert groups == {
        (State.FIN_WAIT2, State.CLOSE_WAIT): 2,
        (State.ESTABLISHED, State.SYN_RECV): 1,
        (State.CLOSED, State.LAST_ACK): 1,
    }


@pytest.mark.parametrize(
    ("client", "server", "expected"),
    [
        (State.ESTABLISHED, State.ESTABLISHED, False),
        (State.TIME_WAIT, State.CLOSED, False),
        (State.CLOSED, State.LISTEN, False),
        (State.ESTABLISHED, State.UNKNOWN, False),
        (State.ESTABLISHED, State.CLOSED, True),
        (State.SYN_SENT, State.UNKNOWN, True),
        (State.TIME_WAIT, State.LAST_ACK, True),
    ],
)
def test_what_counts_as_stuck(client: State, server: State, expected: bool) -> None:
    assert is_stuck(client, server) is expected


def test_a_large_group_leaves_room_for_the_small_ones() -> None:
    from wirestat.report import text
    from wirestat.report.layout import View

    many = fixtures.crowd(400)
    few = fixtures.outage().told[2:4]
    both = fixtures.HandMade(many.captures, fixtures.summary(many.told * 80 + few), many.told + few)
    lines = list(text.render(judged(both), View(limit=10)))
    assert any("FIN_WAIT2" in line and "2 connections" in line for line in lines)
    assert any("more: --limit 0 shows all" in line for line in lines)
