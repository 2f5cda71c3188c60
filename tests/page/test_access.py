"""Everybody can use the page: axe-core finds nothing to complain about, on light ground and on dark."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from tests.page.browser import Reader, needs_browser
from tests.quick import some_quick

pytestmark = needs_browser
_COMPLAINTS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .map(({id, nodes}) => `${id}: ${nodes.slice(0, 3).map(({html}) => html.slice(0, 120)).join(" | ")}`)"""


def complaints(reader: Reader) -> list[str]:
    reader.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found: list[str] = reader.page.evaluate(_COMPLAINTS)
    return found


@pytest.mark.parametrize("ground", some_quick(["light", "dark"], each=2))
@pytest.mark.parametrize(
    "pane", some_quick(["wrong", "time", "connections", "one?id=2", "hosts", "capture"], each=3)
)
@pytest.mark.slow
def test_a_pane_is_accessible(small: Path, opened: Callable[..., Reader], pane: str, ground: str) -> None:
    reader = opened(small, color_scheme=ground, bypass_csp=True)
    reader.go(pane)
    assert complaints(reader) == []


@pytest.mark.slow
def test_a_comparison_is_accessible(points: Path, opened: Callable[..., Reader]) -> None:
    reader = opened(points, bypass_csp=True)
    reader.go("compare")
    assert complaints(reader) == []
