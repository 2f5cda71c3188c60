"""Captures that ask much of a page: hundreds of findings, long ladders, small windows."""

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pytest

import wirestat
from tests.page.browser import Reader, needs_browser
from tests.page.conftest import ROOT
from wirestat.model import Endpoint, LadderLine, Severity
from wirestat.report import html
from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.report.page import ladders
from wirestat.report.page.content import content
from wirestat.report.page.pack import Pack
from wirestat.report.stuck import is_stuck

pytestmark = needs_browser


def page_of(report: Report, folder: Path) -> Path:
    file = folder / "page.html"
    file.write_bytes(b"".join(html.render(report, View(version="test"))))
    return file


@pytest.mark.slow
def test_a_hundred_findings_are_shown_and_the_others_on_request(
    tmp_path: Path, opened: Callable[..., Reader]
) -> None:
    report = wirestat.analyze(ROOT / "pcaps/refused/client.pcap", trace="all")
    many = msgspec.structs.replace(report, findings=report.findings[:1] * 130)
    page = opened(page_of(many, tmp_path)).page
    assert page.locator(".causes > .finding").count() == 100
    page.get_by_role("button", name="Show 30 more findings").click()
    assert page.locator(".causes > .finding").count() == 130


@pytest.mark.slow
def test_a_closed_window_is_noted_on_the_ladder(tmp_path: Path, opened: Callable[..., Reader]) -> None:
    report = wirestat.analyze(ROOT / "pcaps/close-behind-zero-window/client.pcap", trace="all")
    (line, *_) = [one for one in report.ladder(1) if one.window == 0 and not one.flags & 6]
    reader = opened(page_of(report, tmp_path))
    reader.go("one?id=1")
    notes = reader.page.locator(".ladder .note").all_text_contents()
    assert any("window 0" in note for note in notes), line


@pytest.mark.slow
def test_a_ladder_says_what_it_lacks(tmp_path: Path, opened: Callable[..., Reader]) -> None:
    report = wirestat.analyze(ROOT / "pcaps/normal-close-by-client/client.pcap")
    reader = opened(page_of(report, tmp_path))
    reader.go("one?id=1")
    assert "Only the segments that changed a state are in this page" in reader.page.inner_text("#pane-one")
    frames = {step.frame for step in report.connection(1).transitions}
    shown = reader.page.locator(".ladder .rung .mono:first-child").all_text_contents()
    assert {int(frame) for frame in shown} >= frames


@pytest.mark.slow
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


def test_segments_of_connections_in_trouble_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no room for all segments, those of a connection that went well are left out."""
    report = wirestat.analyze(*sorted((ROOT / "pcaps").glob("*/client.pcap"))[:60], trace="all")
    order = list(_shown(report, 10**9, monkeypatch))
    assert sorted(order) == list(report.traced())
    worst = {
        one.id: max((finding.severity.rank for finding in report.findings_of(one)), default=0)
        for one in report.connections()
    }
    grave = [max(worst[id] - Severity.INFO.rank, 0) for id in order]
    assert grave == sorted(grave, reverse=True)
    stuck = [
        is_stuck(*(end.state for end in _ends(report, id)))
        for id, one in zip(order, grave, strict=True)
        if not one
    ]
    assert stuck == sorted(stuck, reverse=True)
    assert {*grave} > {0}
    assert {*stuck} == {True, False}


def test_the_last_ladder_is_cut_to_the_limit_of_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    report = wirestat.analyze(*sorted((ROOT / "pcaps").glob("*/client.pcap"))[:60], trace="all")
    shown = _shown(report, 50, monkeypatch)
    assert sum(map(len, shown.values())) == 50
    assert all(lines == report.ladder(id) for id, lines in list(shown.items())[:-1])


def _ends(report: Report, id: int) -> tuple[Endpoint, Endpoint]:
    connection = report.connection(id)
    return connection.client, connection.server


def _shown(report: Report, most: int, monkeypatch: pytest.MonkeyPatch) -> dict[int, tuple[LadderLine, ...]]:
    """Return the ladders that a page would hold, in the order in which they were taken."""
    taken: list[dict[int, tuple[LadderLine, ...]]] = []

    def take(report: Report, ids: Iterable[int], _pack: Pack, _most: int) -> dict[str, object]:
        taken.append(ladders.taken(report, ids, most))
        return {}

    with monkeypatch.context() as patch:
        patch.setattr(ladders, "write", take)
        content(report, View(), 0)
    return taken[0]
