"""Every format works in all three verbs, and keeps the promises that the table of formats makes for it."""

from pathlib import Path

import pytest

import wirestat
from tests.report.judged import REPORTS
from wirestat.report import formats, html, json, markdown, ndjson, text
from wirestat.report.compared.build import Compared
from wirestat.report.course import Course
from wirestat.report.formats import FORMATS, Format
from wirestat.report.layout import View

CHECKED: tuple[Format, ...] = (text, markdown, json, ndjson, html)
"""For mypy: the modules are what the table says they are."""
CASE = Path(__file__).parents[2] / "pcaps" / "last-ack-lost"


def test_the_types_of_every_format_are_checked() -> None:
    assert {module.__name__ for module in CHECKED} == set(FORMATS.values())  # type: ignore[attr-defined]  # modules have names


@pytest.fixture(scope="module")
def compared() -> Compared:
    return wirestat.compare(CASE / "client.pcap", CASE / "server.pcap")


@pytest.mark.parametrize("name", FORMATS)
def test_writes_a_report(name: str) -> None:
    report = REPORTS["outage"]
    assert list(formats.load(name).render(report, View()))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("lists", [True, False])
def test_writes_a_comparison(name: str, lists: bool, compared: Compared) -> None:
    assert list(formats.load(name).compare(compared, View(), lists=lists))


@pytest.mark.parametrize("name", FORMATS)
def test_tells_of_a_finding_in_a_line_or_not_at_all(name: str) -> None:
    course = Course("opened", REPORTS["outage"].findings[0], "D01", 0, 0)
    line = formats.load(name).tell(course, View())
    assert line is None or "\n" not in line
