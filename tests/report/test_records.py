"""The core writes connections as the contract says, to the letter."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import wirestat
from tests.quick import some_examples, some_quick
from tests.report.records import written
from tests.tables.test_columns import CAPTURES, many, tracked
from tests.test_log import SEGMENTS, Packet
from wirestat.report.build import Report
from wirestat.report.connections import ARRAY, LINES, OPEN, records, words
from wirestat.tables import Style, records as of_tracker

STYLES = pytest.mark.parametrize("style", [ARRAY, LINES, OPEN], ids=["array", "lines", "open"])


def check(report: Report, style: Style) -> None:
    expected = b"".join(written(report.connections(), words(report).findings, style))
    assert b"".join(records(report, style)) == expected


@pytest.mark.parametrize(
    "path", some_quick(CAPTURES, each=12), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_captures(path: Path) -> None:
    check(wirestat.analyze(str(path)), LINES)


@STYLES
def test_several_captures_as_one(style: Style) -> None:
    report = wirestat.analyze(*map(str, CAPTURES[::10]))
    assert any(finding.connection for finding in report.findings)
    check(report, style)


def test_captures_of_several_points() -> None:
    case = next(path.parent for path in CAPTURES if len(list(path.parent.glob("*.pcap*"))) > 1)
    check(wirestat.compare(*map(str, sorted(case.glob("*.pcap*")))).report, ARRAY)


@given(st.lists(st.lists(SEGMENTS, max_size=30), max_size=2))
@some_examples(150)
def test_any_traffic(flows: list[list[Packet]]) -> None:
    tracker = tracked(flows)
    said = words(wirestat.Tracking().report())
    expected = b"".join(written(tracker.connections(), {}, LINES))
    assert b"".join(of_tracker(tracker, said, LINES)) == expected


@STYLES
@pytest.mark.parametrize("step", [1, 7, 600, 5000])
def test_chosen_connections_in_many_chunks(style: Style, step: int) -> None:
    tracker = many(1500)
    chosen = bytes(number % step == step - 1 for number in range(1500))
    said = words(wirestat.Tracking().report())
    connections = (item for item, byte in zip(tracker.connections(), chosen, strict=True) if byte)
    expected = b"".join(written(connections, {}, style))
    assert b"".join(of_tracker(tracker, said, style, chosen)) == expected
