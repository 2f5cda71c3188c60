"""Captures that ask much of a page: hundreds of findings, long ladders, small windows."""

from collections.abc import Callable
from pathlib import Path

import msgspec

import wirestat
from tests.page.browser import Reader, needs_browser
from tests.page.conftest import ROOT
from wirestat.report import html
from wirestat.report.build import Report
from wirestat.report.layout import View

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
