"""Hostile file names stay text in the page."""

from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

import wirestat
from tests.page.browser import Reader, needs_browser
from tests.page.conftest import ROOT
from wirestat.report import html
from wirestat.report.layout import View

NAMES = (
    "<img src=x onerror=alert(1)>.pcap",
    "<script>window.hit = 1<(script>.pcap",
    "{{data}} {{record}} {{policy}}.pcap",
    "\u202efdp.\u2066tricky\u2069.pcap",
    "\x1b[31mred\x07.pcap",
    "a\u2028b\"'`${1}&amp;.pcap",
    "--><!--]]>.pcap",
)


def pages(folder: Path) -> Path:
    """Make a page of captures with such names."""
    captures = []
    for name in NAMES:
        copyfile(ROOT / "pcaps/refused/client.pcap", folder / name)
        captures.append(folder / name)
    file = folder / "hostile.html"
    report = wirestat.analyze(*captures, trace="all")
    file.write_bytes(b"".join(html.render(report, View(version="test"))))
    return file


def test_the_page_has_three_scripts_and_two_of_them_are_data(tmp_path: Path) -> None:
    text = pages(tmp_path).read_text(encoding="utf-8")
    assert text.count("<script") == text.count("</script>") == 3
    assert "<img" not in text


@needs_browser
def test_names_stay_inert(tmp_path: Path, opened: Callable[..., Reader]) -> None:
    reader = opened(pages(tmp_path))
    page = reader.page
    for pane in ("wrong", "time", "connections", "one", "hosts", "capture"):
        reader.go(pane)
    assert page.locator("img").count() == 0
    assert page.evaluate("window.hit") is None
    shown = page.locator("#pane-capture table").first.locator("tbody th").all_inner_texts()
    assert len(shown) == len(NAMES)
    assert shown[0].endswith(NAMES[0])


@needs_browser
def test_typed_text_never_becomes_markup(small: Path, opened: Callable[..., Reader]) -> None:
    reader = opened(small)
    reader.go("connections")
    reader.page.fill("#filter", 'tunnel=="<img src=x onerror=alert(1)>" && zzz==<b>')
    reader.page.wait_for_selector("#mistake span")
    assert reader.page.locator("#mistake img, #mistake b").count() == 0
