"""The parts of the page: small files, one idea each, that are joined and locked."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import wirestat
from tests.page.conftest import ROOT
from wirestat.report import html
from wirestat.report.layout import View

PARTS = ROOT / "src/wirestat/report/page/parts"
SCRIPTS = sorted(PARTS.glob("js/*.js"))
STYLES = sorted(PARTS.glob("css/*.css"))
LONGEST, WIDEST = 450, 118
MARKUP = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function")
NETWORK = re.compile(r"\bfetch\(|XMLHttpRequest|import\(|WebSocket|sendBeacon|<img")


def made() -> str:
    report = wirestat.analyze(ROOT / "pcaps/refused/client.pcap")
    return b"".join(html.render(report, View(version="test"))).decode()


def test_parts_are_small_and_say_what_they_are() -> None:
    assert len(SCRIPTS) > 15
    for part in (*SCRIPTS, *STYLES):
        lines = part.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= LONGEST, part
        assert max(map(len, lines)) <= WIDEST, part
        assert lines[0].startswith("/* "), part


def test_every_part_is_in_the_page() -> None:
    page = made()
    for part in (*SCRIPTS, *STYLES):
        assert part.read_text(encoding="utf-8").strip() in page, part


def test_nothing_becomes_markup_and_nothing_is_fetched() -> None:
    for part in SCRIPTS:
        text = part.read_text(encoding="utf-8")
        assert not MARKUP.search(text), part
        assert not NETWORK.search(text), part


def test_the_policy_names_this_script_and_this_style_alone() -> None:
    page = made()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    script = page.rsplit("<script>", 1)[1].split("</script>")[0]
    style = page.split("<style>", 1)[1].split("</style>")[0]
    digests = [b64encode(sha256(text.encode()).digest()).decode() for text in (script, style)]
    assert policy[1] == (
        f"default-src 'none'; script-src 'sha256-{digests[0]}'; style-src 'sha256-{digests[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_a_page_without_connections_is_whole(tmp_path: Path) -> None:
    report = wirestat.analyze(ROOT / "pcaps/refused/client.pcap", keep="summary")
    page = b"".join(html.render(report, View(version="test"), lists=False)).decode()
    assert '"manifest":null' in page
