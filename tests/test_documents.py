"""What the pages promise is so: commands print what is shown, sessions answer as written, links lead somewhere."""

import doctest
import re
import shutil
from pathlib import Path

import pytest

from tests.documents import PAGES, ROOT, Block, blocks, commands, performed, refresh

_LINK = re.compile(r"\]\((?!https?:|#|mailto:)(?P<path>[^)#\s]+)")


def _all(kind: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page, kind)]


@pytest.fixture(scope="module", autouse=True)
def _fresh(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--golden"):
        for page in PAGES:
            refresh(page)


@pytest.mark.parametrize("block", _all("console"), ids=str)
def test_commands_print_what_the_page_shows(block: Block) -> None:
    for program in commands(block.text):
        if not shutil.which(program) and program != "wirestat":
            pytest.skip(f"{program} is not installed")
    now = [each.text for each in blocks(block.page, "console") if each.line == block.line]
    assert performed(block.text) == (now[0] if now else block.text)


@pytest.mark.parametrize("block", _all("pycon"), ids=str)
def test_sessions_answer_as_the_page_shows(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    test = doctest.DocTestParser().get_doctest(block.text, {}, str(block), str(block.page), block.line - 1)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    assert not report, "".join(report)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    paths = [found["path"] for found in _LINK.finditer(page.read_text(encoding="utf-8"))]
    assert [path for path in paths if not (page.parent / path).exists()] == []


@pytest.mark.parametrize("kind", ["sh try", "sh test"])
def test_the_readme_has_each_of_its_two_first_commands_once(kind: str) -> None:
    (block,) = blocks(ROOT / "README.md", kind)
    assert block.text.count("\n") == 1
