"""Tables one below the other: the same rows as each has for itself."""

from pathlib import Path

import pytest

import wirestat
from wirestat.report.sheets import sheets
from wirestat.tables import stacked

PCAPS = Path(__file__).parents[2] / "pcaps"
CASES = ("close-wait-leak", "last-ack-lost", "accept-queue-full", "syn-scan")


@pytest.mark.parametrize("name", ["connections", "transitions", "findings", "listeners"])
@pytest.mark.parametrize("rows", [1, 5, 1_000_000])
def test_rows_stay_what_they_are(name: str, rows: int) -> None:
    reports = [wirestat.analyze(next((PCAPS / case).glob("*.pcap"))) for case in CASES]
    alone = [table for report in reports for table in sheets(report, name)]
    together = list(stacked(alone, rows))
    expected = [table.row(row) for table in alone for row in range(table.rows)]
    assert [table.row(row) for table in together for row in range(table.rows)] == expected
    assert all(table.rows >= rows for table in together[:-1])
