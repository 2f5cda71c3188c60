"""The report's parts, and the groups of connections that stopped on the way."""

import pytest

from tests.report.judged import REPORTS, judged
from tests.report.stories import CLOSE_WAIT_HELD, THIRD_ACK_IGNORED, capture, frames
from wirestat.model import Severity, State
from wirestat.report import text
from wirestat.report.build import assemble
from wirestat.report.layout import View
from wirestat.report.stuck import is_stuck


def test_defects_of_the_capture_come_before_all_else() -> None:
    outage, unfit = REPORTS["outage"], REPORTS["unfit"]
    both = assemble(outage.analysis, (*outage.findings, *unfit.findings), outage.conformance)
    assert [finding.id for finding in both.findings] == [
        *(finding.id for finding in unfit.findings),
        *(finding.id for finding in outage.findings),
    ]


def test_the_worst_severity() -> None:
    assert REPORTS["outage"].worst() is Severity.WARNING
    assert REPORTS["unfit"].worst() is Severity.ERROR
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
def test_pairs_of_states_that_count_as_stuck(client: State, server: State, expected: bool) -> None:
    assert is_stuck(client, server) is expected


def test_a_large_group_leaves_room_for_the_small_ones() -> None:
    many = [frames(n, THIRD_ACK_IGNORED, start_ms=n) for n in range(1, 401)]
    few = [frames(n, CLOSE_WAIT_HELD, start_ms=n) for n in (500, 501)]
    lines = list(text.render(judged("crowd.pcap", capture(*many, *few)), View(limit=10)))
    assert any("FIN_WAIT2" in line and "2 connections" in line for line in lines)
    assert any("more: --limit 0 shows all" in line for line in lines)
