"""Rows of many captures, one below the other: the same rows as each capture has for itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import wirestat
from wirestat.batch.store import Part
from wirestat.report.build import Report
from wirestat.report.tables import batches
from wirestat.tables import Value, gathering

PCAPS = Path(__file__).parents[2] / "pcaps"
CASES = ("close-wait-leak", "last-ack-lost", "accept-queue-full", "syn-scan")


def reports() -> list[Report]:
    return [wirestat.analyze(next((PCAPS / case).glob("*.pcap"))) for case in CASES]


def rows(part: Part, name: str) -> Iterator[dict[str, Value]]:
    """Yield the rows of a table, of all days."""
    for table, _, pieces in part.tables():
        for piece in pieces:
            if table == name:
                yield from (piece.row(row) for row in range(piece.rows))


@pytest.mark.parametrize("name", ["connections", "transitions", "findings", "listeners"])
@pytest.mark.parametrize("at_once", [1, 3, 1_000_000])
@pytest.mark.parametrize("by_day", [False, True])
def test_stored_rows_equal_those_of_each_capture(
    name: str, at_once: int, by_day: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "BATCH", at_once)
    part = Part(by_day=by_day)
    expected = []
    for number, report in enumerate(reports(), 1):
        part.add(number, report)
        for table in batches(report, name):
            expected += [{"file": number, **table.row(row)} for row in range(table.rows)]
    found = list(rows(part, name))
    if by_day:  # one day after the other
        found.sort(key=lambda row: (row["file"], repr(row)))
        expected.sort(key=lambda row: (row["file"], repr(row)))
    assert found == expected


def test_a_part_without_captures_has_all_tables_and_no_rows() -> None:
    tables = {name: sum(piece.rows for piece in pieces) for name, _, pieces in Part(by_day=False).tables()}
    assert tables == dict.fromkeys(("connections", "transitions", "findings", "listeners"), 0)
