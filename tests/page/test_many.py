"""Captures that ask much of a page: hundreds of findings, long ladders, small windows."""

from collections.abc import Callable
from pathlib import Path

import msgspec

import wirestat
from tests.page.browser import Reader, needs_browser
from tests.page.conftest import ROOT
from wirestat.model import Severity
from wirestat.report import html
from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.report.stuck import is_stuck

pytestmark = needs_browser


def page_of(report: Report, folder: Path) -> Path:
    file = folder / "page.html"
    file.write_bytes(b"".join(html.render(report, View(version="test"))))
    return file


def test_a_hundred_findings_are_shown_and_the_others_on_request(
    tmp_path: Path, opened: Callable[..., Reader]
) -> None:
    report = wirestat.analyze(ROOT / "pcaps/refused/client.pcap", trace="all")
    many = msgspec.structs.replace(report, findings=report.findings[:1] * 130)
    page = opened(page_of(many, tmp_path)).page
    assert page.locator(".causes > .finding").count() == 100
    page.get_by_role("button", name="Show 30 more findings").click()
    assert page.locator(".causes > .finding").count() == 130


def test_a_closed_window_is_noted_on_the_ladder(tmp_path: Path, opened: Callable[..., Reader]) -> None:
    report = wirestat.analyze(ROOT / "pcaps/close-behind-zero-window/client.pcap", trace="all")
    (line, *_) = [one for one in report.ladder(1) if one.window == 0 and not one.flags & 6]
    reader = opened(page_of(report, tmp_path))
    reader.go("one?id=1")
    notes = reader.page.locator(".ladder .note").all_text_contents()
    assert any("window 0" in note for note in notes), line


def test_a_ladder_says_what_it_lacks(tmp_path: Path, opened: Callable[..., Reader]) -> None:
    report = wirestat.analyze(ROOT / "pcaps/normal-close-by-client/client.pcap")
    reader = opened(page_of(report, tmp_path))
    reader.go("one?id=1")
    assert "Only the segments that changed a state are in this page" in reader.page.inner_text("#pane-one")
    frames = {step.frame for step in report.connection(1).transitions}
    shown = reader.page.locator(".ladder .rung .mono:first-child").all_text_contents()
    assert {int(frame) for frame in shown} >= frames


def test_a_limit_keeps_what_is_in_trouble(tmp_path: Path, opened: Callable[..., Reader]) -> None:
    report = wirestat.analyze(*sorted((ROOT / "pcaps").glob("*/client.pcap"))[:60], trace="all")
    whole = len(b"".join(html.render(report, View(version="test"))))
    limit = whole - 15_000
    file = tmp_path / "within.html"
    file.write_bytes(b"".join(html.render(report, View(version="test", most_bytes=limit))))
    assert file.stat().st_size <= limit
    reader = opened(file)
    kept = reader.page.evaluate("wirestat.choose('port>0')")
    assert 0 < len(kept) < report.summary.connections
    assert f"{report.summary.connections - len(kept)} of" in reader.page.inner_text(".notice")
    for id in kept:
        connection = report.connection(id)
        weighty = any(one.severity is not Severity.INFO for one in report.findings_of(connection))
        assert weighty or is_stuck(connection.client.state, connection.server.state)
