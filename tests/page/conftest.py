"""Pages that the tests look at, each made once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

import wirestat
from tests.page.browser import Reader, browsing
from wirestat.report import html
from wirestat.report.build import Report
from wirestat.report.layout import View

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]
VECTORS: dict[str, Any] = msgspec.json.decode((ROOT / "tests/query/vectors.json").read_bytes())
POINTS = ("pcaps/data-lost/client.pcap", "pcaps/data-lost/server.pcap")


@pytest.fixture(scope="package")
def browser() -> "Iterator[Browser]":
    """The browser, started once. Until it ends the loop that it runs by is in the way of the screen's tests."""
    with browsing() as started:
        yield started


@pytest.fixture(scope="session")
def report() -> Report:
    """The captures that filters are held to, with every segment."""
    return wirestat.analyze(*(ROOT / name for name in VECTORS["captures"]), trace="all")


@pytest.fixture(scope="session")
def small(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of those captures."""
    file = tmp_path_factory.mktemp("page") / "small.html"
    file.write_bytes(b"".join(html.render(report, View(version="test"))))
    return file


@pytest.fixture(scope="session")
def points(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two captures of the same traffic."""
    file = tmp_path_factory.mktemp("page") / "points.html"
    compared = wirestat.compare(*(ROOT / name for name in POINTS))
    file.write_bytes(b"".join(html.compare(compared, View(version="test"))))
    return file


@pytest.fixture
def opened(browser: "Browser") -> Iterator[Callable[..., Reader]]:
    """Open pages; at the end nothing may have been loaded or complained about."""
    readers: list[Reader] = []

    def opened(file: Path, **context: Any) -> Reader:
        readers.append(Reader(browser, file, **context))
        return readers[-1]

    yield opened
    for reader in readers:
        reader.close()
