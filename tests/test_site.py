"""The pages make a site: every link leads somewhere, every page is in the table of contents, nothing is fetched."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_FETCHED = re.compile(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["'](?:https?:)?//""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_pages_fetch_nothing(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    fetching = [
        str(page.relative_to(site)) for page in pages if _FETCHED.search(page.read_text(encoding="utf-8"))
    ]
    assert fetching == []


def test_pages_that_stand_elsewhere_are_there(site: Path) -> None:
    for name in ("contributing", "security", "changelog", "lab", "commands"):
        assert (site / name / "index.html").is_file()
    assert "wirestat annotate" in (site / "commands" / "index.html").read_text(encoding="utf-8")


def test_a_search_finds_a_diagnosis(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    assert "Final ACK ignored" in index
