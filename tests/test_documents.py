"""The pages keep their promises: commands print what is shown, sessions answer as written, links lead somewhere."""

import doctest
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nanoarrow
import pytest

import wirestat
from tests.documents import PAGES, ROOT, Block, blocks, performed, refresh
from tests.patience import PATIENCE
from tests.quick import some_quick

CONSOLES = [block for page in PAGES for block in blocks(page, "console")]
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)(?P<path>[^)#\s]+)")


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module", autouse=True)
def _fresh(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--golden"):
        for page in PAGES:
            refresh(page)


@pytest.mark.parametrize("block", some_quick(CONSOLES, each=10), ids=str)
def test_commands_print_what_the_page_shows(block: Block, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--golden"):
        return  # the page has just been written; the block is as it was before
    for needed, sign in (("jq", "| jq "), ("tshark", "--engine pyshark"), ("tshark", "| tshark ")):
        if sign in block.text and not shutil.which(needed):
            pytest.skip(f"{needed} is not installed")
    assert performed(block.text) == block.text


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_sessions_answer_as_the_page_shows(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All sessions of a page share their names."""
    monkeypatch.chdir(ROOT)
    parser, names, report = doctest.DocTestParser(), dict[str, Any](), list[str]()
    for block in blocks(page, "pycon"):
        session = parser.get_doctest(block.text, names, str(block), str(page), block.line - 1)
        doctest.DocTestRunner().run(session, out=report.append, clear_globs=False)
        names = session.globs
    assert not report, "".join(report)


def test_the_table_for_polars_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without polars, another library that takes an Arrow stream stands in."""
    if importlib.util.find_spec("polars") is None:
        monkeypatch.setitem(sys.modules, "polars", SimpleNamespace(DataFrame=nanoarrow.Array))
    (block,) = blocks(ROOT / "docs" / "api.md", "python")
    names: dict[str, Any] = {"report": wirestat.analyze(ROOT / "pcaps" / "accept-queue-full" / "middle.pcap")}
    exec(compile(block.text, str(block), "exec"), names)  # it is our own page
    assert len(names["frame"]) == 3


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    paths = [found["path"] for found in _LINK.finditer(page.read_text(encoding="utf-8"))]
    assert [path for path in paths if not (page.parent / path).exists()] == []


def test_the_list_of_pages_names_every_one() -> None:
    listed = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    folder = ROOT / "docs"
    pages = [str(page.relative_to(folder)) for page in folder.rglob("*.md") if page.name != "README.md"]
    assert pages
    assert [name for name in pages if f"]({name})" not in listed] == []


@pytest.mark.parametrize("kind", ["sh try", "sh test"])
def test_the_readme_has_each_of_its_two_first_commands_once(kind: str) -> None:
    (block,) = blocks(ROOT / "README.md", kind)
    assert block.text.count("\n") == 1


def test_without_rust_the_first_command_ends_at_once_with_one_line(tmp_path: Path) -> None:
    (block,) = blocks(ROOT / "README.md", "sh try")
    for name in ("python3", "bash"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    done = subprocess.run(
        ["bash", "-c", block.text],
        cwd=tmp_path,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert "rustup.rs" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / ".venv").exists()


def test_the_readme_has_the_tables_of_the_score() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    score = (ROOT / "docs" / "score.md").read_text(encoding="utf-8").splitlines()
    drawn = readme.partition("<!-- score -->")[2].partition("<!-- /score -->")[0]
    rows = [line for line in drawn.splitlines() if line.startswith("|")]
    assert rows
    assert [row for row in rows if row not in score] == []
    assert any("cells excused" in row for row in rows), "the README says how many cells the score excuses"
