"""Every pane is used as a person would use it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.page.browser import Reader, needs_browser
from tests.report.judged import slow_answers
from wirestat.diagnosis.finding import is_about_capture
from wirestat.report import html
from wirestat.report.build import Report
from wirestat.report.handles import handles
from wirestat.report.layout import View
from wirestat.report.sections import verdict

pytestmark = needs_browser
Opened = Callable[..., Reader]

_REACH = """selector => {
    const ladder = document.querySelector(selector), room = ladder.parentElement.getBoundingClientRect();
    const drawn = [...ladder.querySelectorAll("text, rect, line, circle")]
        .map(one => one.getBoundingClientRect()).map(box => [Math.ceil(box.left), Math.floor(box.right)]);
    return { left: Math.floor(room.left), right: Math.ceil(room.right), drawn };
}"""


@pytest.mark.slow
def test_the_verdict_comes_first(report: Report, small: Path, opened: Opened) -> None:
    reader = opened(small)
    page = reader.page
    assert page.inner_text(".counted") == verdict.counted(report, View())
    told = [
        name for name, one in handles(report).items() if not one.asks_nothing and not is_about_capture(one)
    ]
    assert page.locator(".causes > .finding .handle").all_inner_texts() == told
    # No number is printed where a count only decides whether there is more to show.
    stray = "node => [...node.childNodes].filter(child => child.nodeType === Node.TEXT_NODE).length"
    assert page.locator(".causes").evaluate(stray) == 0
    reader.picture("wrong")


@pytest.mark.slow
def test_mere_information_is_shown_where_there_is_something_to_do(tmp_path: Path, opened: Opened) -> None:
    (file := tmp_path / "slow.html").write_bytes(b"".join(html.render(slow_answers(), View(version="test"))))
    page = opened(file).page
    assert page.locator(".causes > .finding .handle").all_inner_texts() == ["D49"]
    assert page.locator(".causes > .calm").count() == 0


@pytest.mark.slow
def test_a_finding_leads_to_its_connections_and_to_a_ticket(small: Path, opened: Opened) -> None:
    reader = opened(small)
    page = reader.page
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card = page.locator("#card-D10")
    card.get_by_role("button", name="Copy Markdown for a ticket").click()
    assert "## D10 CLOSE\\_WAIT held" in page.evaluate("navigator.clipboard.readText()")
    assert page.inner_text("#said") == "Copied Markdown for a ticket."
    card.get_by_role("button", name="Copy the Wireshark filter").click()
    assert "tcp.port" in page.evaluate("navigator.clipboard.readText()")
    card.get_by_role("button", name="Show the connection").click()
    assert page.inner_text("#count") == "1 of 7 connections"
    assert page.locator(".rows tbody tr:visible").count() == 1
    page.get_by_role("button", name="All findings again").click()
    assert page.inner_text("#count") == "7 connections"


def test_typing_a_filter_offers_completions(small: Path, opened: Opened) -> None:
    reader = opened(small)
    page = reader.page
    reader.go("connections")
    page.keyboard.press("/")
    page.keyboard.type("sta")
    page.wait_for_selector("#offers li")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("==CLOSE_W")
    page.wait_for_selector("#offers li:has-text('CLOSE_WAIT')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("#filter") == "state==CLOSE_WAIT"
    assert page.inner_text("#count") == "2 of 7 connections"
    page.keyboard.type(" && prot==1")
    page.wait_for_selector("#mistake span")
    assert "there is no field 'prot' (the nearest is port)" in page.inner_text("#mistake")
    assert page.inner_text("#count") == "2 of 7 connections"
    page.get_by_role("button", name="Clear").click()
    assert page.inner_text("#count") == "7 connections"


@pytest.mark.slow
def test_the_table_sorts_and_keys_move_in_it(small: Path, opened: Opened) -> None:
    reader = opened(small)
    page = reader.page
    reader.go("connections")
    reader.picture("connections")
    ids = page.locator(".rows tbody tr:visible a.id")
    assert ids.all_inner_texts() == [f"#{id}" for id in range(1, 8)]
    page.get_by_role("button", name="lasted").click()
    page.get_by_role("button", name="lasted").click()
    assert ids.all_inner_texts()[0] == "#2"
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.locator(".scroller").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    chosen = page.locator(".rows tr.selected a.id").inner_text()
    page.keyboard.press("Enter")
    assert page.locator(".ends strong").inner_text() == chosen
    page.keyboard.press("Escape")
    assert page.locator("#pane-connections").is_visible()


@pytest.mark.slow
def test_columns_can_be_chosen(small: Path, opened: Opened) -> None:
    page = opened(small).page
    page.evaluate("location.hash = 'connections'")
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("client window", exact=True).check()
    assert page.get_by_role("columnheader", name="client window").is_visible()


@pytest.mark.slow
def test_a_chart_is_zoomed_by_dragging_and_by_keys(small: Path, opened: Opened) -> None:
    reader = opened(small)
    page = reader.page
    reader.go("time")
    reader.picture("time")
    assert page.locator("#pane-time table tbody tr").count() > 5
    box = page.locator(".brush").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 40)
    page.mouse.up()
    assert "from=" in page.evaluate("location.hash")
    page.locator(".brush").first.focus()
    page.keyboard.press("0")
    assert "from=" not in page.evaluate("location.hash")
    page.get_by_role("button", name="CLOSE_WAIT").click()
    assert page.get_by_role("button", name="CLOSE_WAIT").get_attribute("aria-pressed") == "false"
    page.get_by_label("one lane a listener").check()
    assert page.locator(".chart").count() == 6


@pytest.mark.slow
def test_a_ladder_tells_what_was_known_when(report: Report, small: Path, opened: Opened) -> None:
    reader = opened(small)
    page = reader.page
    reader.go("one?id=2")
    reader.picture("one")
    frames = page.locator(".ladder .rung .mono:first-child").all_text_contents()
    assert [int(frame.replace(",", "")) for frame in frames] == [line.frame for line in report.ladder(2)]
    steps = page.locator(".steps li").count()
    assert steps == sum(step.retracted_by is None for step in report.connection(2).transitions)
    page.get_by_label("Known when").fill("9")
    assert "after frame 19" in page.inner_text("#until-says")
    assert page.locator(".ladder .rung").count() == 10
    assert page.locator(".steps li").last.inner_text().startswith("server LAST_ACK → CLOSED")
    page.get_by_role("button", name="time to scale").click()
    page.get_by_role("button", name="next →").click()
    assert page.locator(".ends strong").inner_text() == "#3"


@pytest.mark.slow
def test_hosts_are_listed_and_lead_to_their_connections(report: Report, small: Path, opened: Opened) -> None:
    reader = opened(small)
    page = reader.page
    reader.go("hosts")
    reader.picture("hosts")
    assert f"Listeners ({len(report.summary.listeners)})" in page.inner_text("#pane-hosts")
    page.locator("#pane-hosts").get_by_role("button", name="10.226.135.2:8080").click()
    assert page.inner_text("#count") == "1 of 7 connections"


@pytest.mark.slow
def test_the_capture_tells_of_itself(report: Report, small: Path, opened: Opened) -> None:
    reader = opened(small)
    reader.go("capture")
    reader.picture("capture")
    text = reader.page.inner_text("#pane-capture")
    for capture in report.captures:
        assert capture.name in text
    seen = report.conformance.documented
    gaps = report.conformance.not_comparable
    assert reader.page.locator("#pane-capture .edge.seen").count() == len(seen) + len(gaps)


@pytest.mark.slow
def test_two_points_are_compared(points: Path, opened: Opened) -> None:
    reader = opened(points)
    page = reader.page
    reader.go("compare")
    reader.picture("compare")
    assert page.locator("#pane-compare .cross").count() > 0
    assert "lost" in page.inner_text("#pane-compare")


def test_keys_are_listed_and_the_ground_changes(small: Path, opened: Opened) -> None:
    reader = opened(small)
    page = reader.page
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    before = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    page.keyboard.press("t")
    assert page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") != before
    reader.picture("dark")
    page.keyboard.press("3")
    assert page.locator("#pane-connections").is_visible()


def test_an_url_restores_the_view(small: Path, opened: Opened) -> None:
    reader = opened(small)
    reader.page.evaluate("location.hash = '#connections?y=port%3D%3D40002'")
    reader.page.wait_for_selector("#clear:not([hidden])")
    assert reader.page.inner_text("#count") == "1 of 7 connections"
    reader.page.go_back()
    assert reader.page.locator("#pane-wrong").is_visible()


@pytest.mark.slow
def test_a_narrow_screen_shows_everything_without_scrolling_sideways(small: Path, opened: Opened) -> None:
    reader = opened(small, viewport={"width": 390, "height": 844}, color_scheme="dark")
    for pane in ("wrong", "time", "connections", "one", "hosts", "capture"):
        reader.go(pane)
        reader.picture(f"narrow-{pane}")
        wide = reader.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, pane
        link = reader.page.locator(f"[data-pane={pane}]").bounding_box()
        assert link
        assert link["x"] >= 0, pane
        assert link["x"] + link["width"] < 391, pane


@pytest.mark.slow
def test_a_narrow_screen_shows_the_states_of_connections_at_once(small: Path, opened: Opened) -> None:
    reader = opened(small, viewport={"width": 390, "height": 844})
    reader.go("connections")
    box = reader.page.locator("#pane-connections .rows td.standing").first.bounding_box()
    assert box
    assert box["x"] + box["width"] <= 390


@pytest.mark.slow
def test_a_narrow_screen_shows_both_ends_of_every_ladder(small: Path, points: Path, opened: Opened) -> None:
    for file, pane in ((small, "one"), (points, "compare")):
        reader = opened(file, viewport={"width": 390, "height": 844})
        reader.go(pane)
        reader.picture(f"narrow-{pane}-light")
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= 390
        boxes = reader.page.evaluate(_REACH, f"#pane-{pane} .ladder")
        assert boxes["drawn"]
        assert all(boxes["left"] <= left and right <= boxes["right"] for left, right in boxes["drawn"]), boxes


@pytest.mark.slow
def test_a_ladder_is_drawn_anew_when_the_screen_is_turned(small: Path, opened: Opened) -> None:
    reader = opened(small, viewport={"width": 1200, "height": 844})
    reader.go("one")
    assert reader.page.locator("#pane-one .ladder.narrow").count() == 0
    reader.page.set_viewport_size({"width": 390, "height": 844})
    reader.page.wait_for_selector("#pane-one .ladder.narrow")


@pytest.mark.slow
def test_paper_holds_all_findings_and_the_chosen_connections(
    report: Report, small: Path, opened: Opened
) -> None:
    reader = opened(small)
    page = reader.page
    reader.go("connections")
    page.fill("#filter", "state==TIME_WAIT")
    page.wait_for_selector("#clear:not([hidden])")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    text = page.inner_text("body")
    for name, finding in handles(report).items():
        if finding.severity != "info" and finding.id != "D25":
            assert name in text
            assert finding.explanation in text
    assert page.locator("#paper tbody tr").count() == 3
    assert page.pdf().startswith(b"%PDF")
