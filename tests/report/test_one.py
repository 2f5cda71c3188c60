"""Findings by name, whole."""

import pytest
from msgspec.structs import replace

from tests.report.judged import REPORTS
from wirestat.report import markdown, one
from wirestat.report.build import Report
from wirestat.report.handles import handles, named
from wirestat.report.layout import View


@pytest.fixture
def outage() -> Report:
    return REPORTS["outage"]


def test_a_diagnosis_made_once_goes_by_its_id(outage: Report) -> None:
    assert [*handles(outage)] == [finding.id for finding in outage.findings]


def test_several_of_one_diagnosis_are_numbered(outage: Report) -> None:
    twice = replace(outage, findings=(outage.findings[0],) * 2)
    id = outage.findings[0].id
    assert [*handles(twice)] == [f"{id}.1", f"{id}.2"]
    assert [*named(twice, id)] == [f"{id}.1", f"{id}.2"]
    assert [*named(twice, f"{id}.2".lower())] == [f"{id}.2"]


@pytest.mark.parametrize("name", ["D99", "D10.7", "", "close-wait"])
def test_a_name_of_no_finding_is_refused(name: str, outage: Report) -> None:
    assert not named(outage, name)


def test_one_shows_rivals_frames_and_connections(outage: Report) -> None:
    (finding,) = named(outage, "D10").values()
    shown = "\n".join(one.render(outage, {"D10": finding}, View()))
    assert all(f"rival: {rival}"[:60] in shown for rival in finding.rivals)
    assert "frames: " in shown
    assert f"#{finding.examples[0]}" in shown


def test_all_members_are_listed_where_all_are_asked_for() -> None:
    report = REPORTS["crowd"]
    name, finding = max(handles(report).items(), key=lambda item: item[1].count if item[1].examples else 0)
    shown = list(one.render(report, {name: finding}, View(limit=None)))
    assert sum(line.lstrip().startswith("#") for line in shown) == finding.count > len(finding.examples)


def test_a_ticket_takes_nothing_in_a_name_for_markup(outage: Report) -> None:
    odd = replace(outage.findings[0], explanation="`x` | <b> [y](z) ```", display_filter="a ``` b")
    shown = list(markdown.tell_of("D10", odd, View()))
    assert r"\`x\` \| \<b\> \[y\](z) \`\`\`" in shown
    assert "````" in shown
