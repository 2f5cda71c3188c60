"""The filter of the page chooses what the command line's does: the same vectors hold both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

import wirestat
from tests.page.browser import Reader, needs_browser
from tests.page.conftest import ROOT, VECTORS
from tests.query.test_properties import CAPTURES, EXPRESSIONS
from tests.quick import some_quick
from wirestat.errors import UsageError
from wirestat.report import html
from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.report.selection import Selection, asked

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_browser
_CHOOSE = """vectors => vectors.map(({filter, at}) => {
    try { return wirestat.choose(filter, at === undefined ? null : at * 1e9) }
    catch (mistake) { return [mistake.at, mistake.length, mistake.why] }
})"""


def answers(reader: Reader, vectors: list[dict[str, Any]]) -> list[Any]:
    told: list[Any] = reader.page.evaluate(_CHOOSE, vectors)
    return told


@pytest.mark.slow
def test_the_page_chooses_the_connections_of_the_vectors(small: Path, opened: Callable[..., Reader]) -> None:
    vectors = VECTORS["chosen"]
    assert len(vectors) > 100
    found = answers(opened(small), vectors)
    assert [(vector, ids) for vector, ids in zip(vectors, found, strict=True) if ids != vector["ids"]] == []


@pytest.mark.slow
def test_the_page_points_at_the_mistakes_of_the_vectors(small: Path, opened: Callable[..., Reader]) -> None:
    vectors = VECTORS["mistakes"]
    found = answers(opened(small), [{"filter": vector["filter"]} for vector in vectors])
    for vector, (at, length, why) in zip(vectors, found, strict=True):
        assert (at, length) == (vector["at"], vector["length"]), vector
        assert vector["why"] in why


def test_long_and_deep_expressions_are_refused(small: Path, opened: Callable[..., Reader]) -> None:
    reader = opened(small)
    for text in ["(" * 9_000, "!" * 9_000 + "port==1", "port==1 && " * 2_000 + "port==1"]:
        (_, _, why), *_ = answers(reader, [{"filter": text}])
        assert isinstance(why, str)
    assert answers(reader, [{"filter": " && ".join(["port==8080"] * 600)}]) == [[1, 2, 3, 4, 5, 6, 7]]


MANY_TIMES = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # shrinking a failure would query the browser at every step
)
MEANT = [pytest.param(captures, id=id) for captures, id in zip(CAPTURES, ("losses", "kinds"), strict=True)]
TYPED = st.text(st.characters(codec="latin-1"), max_size=30) | EXPRESSIONS.map(lambda text: text[:-3])


@pytest.fixture(scope="module", params=some_quick(MEANT, each=2))
def filtered(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Report, Reader]]:
    """A report, and a reader with its page open."""
    report = wirestat.analyze(*(ROOT / name for name in request.param))
    file = tmp_path_factory.mktemp("filtered") / "page.html"
    file.write_bytes(b"".join(html.render(report, View(version="test"))))
    reader = Reader(browser, file)
    yield report, reader
    reader.close()


@MANY_TIMES
@given(texts=st.lists(EXPRESSIONS, min_size=25, max_size=25))
def test_the_page_agrees_with_the_core_on_any_filter(
    filtered: tuple[Report, Reader], texts: list[str]
) -> None:
    report, reader = filtered
    found = answers(reader, [{"filter": text} for text in texts])
    for text, ids in zip(texts, found, strict=True):
        assert ids == list(Selection(report, asked(text)).ids), text


@MANY_TIMES
@given(texts=st.lists(TYPED, min_size=25, max_size=25))
def test_the_page_refuses_what_the_command_line_refuses(
    filtered: tuple[Report, Reader], texts: list[str]
) -> None:
    found = answers(filtered[1], [{"filter": text} for text in texts])
    for text, answer in zip(texts, found, strict=True):
        try:
            asked(text)
            is_refused = False
        except UsageError:
            is_refused = True
        assert is_refused == any(isinstance(part, str) for part in answer), text
