"""The page of a hundred thousand connections: how soon it is there, how quick it stays, and what making it costs.

    python -m bench.page

Making it is told beside reading the capture, both in processor time. The page is opened in headless Chromium a few
times; the best of some tries counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import wirestat
from bench import table
from bench.bars import Bar
from bench.make import RECIPES
from tests.page.browser import Reader, browsing
from wirestat.report import html
from wirestat.report.build import Report
from wirestat.report.layout import View

LARGE = 100_000
MOST_BYTES = 8_000_000
READY_MS, FILTER_MS, REDRAW_MS, MAKING = 1_500, 100, 16, 1.0
QUESTIONS = (
    "state==CLOSE_WAIT && port==443",
    "server.state==SYN_RECV || client.state==FIN_WAIT1",
    "duration>2s && client.bytes>100 && !(state==TIME_WAIT)",
    "transition(LAST_ACK->CLOSED)",
    "fact==syn-resent",
    "severity>=warning",
)
_ASK = "question => { const begun = performance.now(); wirestat.ask(question); return performance.now() - begun }"
_SCROLL = """async () => {
    const scroller = document.querySelector(".scroller"), times = [];
    for (let step = 0; step < 60; step++) {
        scroller.scrollTop = step / 60 * scroller.scrollHeight;
        await new Promise(requestAnimationFrame);
        times.push(wirestat.redraw());
    }
    return times;
}"""


def made(folder: Path) -> tuple[Path, Path]:
    """Write the capture and the page of it, and return both."""
    capture, file = folder / "many.pcap", folder / "many.html"
    with capture.open("wb") as out:
        out.writelines(RECIPES["headers"].chunks(LARGE))
    file.write_bytes(page(analyzed(capture)))
    return capture, file


def analyzed(capture: Path) -> Report:
    """Read the capture, with all that a page shows."""
    return wirestat.analyze(capture, trace="all")


def page(report: Report) -> bytes:
    """Make the page."""
    return b"".join(html.render(report, View(version="test")))


def bars(folder: Path) -> Iterator[Bar]:
    """Measure."""
    capture, file = made(folder)
    report = analyzed(capture)
    making, reading = _least(lambda: page(report)), _least(lambda: analyzed(capture))
    yield Bar("making the page, beside reading the capture", making / reading, MAKING)
    with browsing() as browser:
        readers = [Reader(browser, file) for _ in range(4)]
        ready = [int(reader.page.get_attribute("html", "data-ready") or "") for reader in readers]
        yield Bar("until the page is ready", min(ready), READY_MS, unit="ms")
        reader = readers[-1]
        reader.go("connections")
        reader.page.wait_for_timeout(1_500)  # columns are made while nobody asks
        for question in QUESTIONS:
            took = min(reader.page.evaluate(_ASK, question) for _ in range(5))
            yield Bar(question, took, FILTER_MS, unit="ms")
        reader.page.evaluate(_ASK, "")
        drawing = min(median(reader.page.evaluate(_SCROLL)) for _ in range(3))
        yield Bar("drawing the table anew while it is scrolled", drawing, REDRAW_MS, unit="ms")


def _least(do: Callable[[], object]) -> float:
    """Return the processor seconds of the cheapest of three tries."""
    took = []
    for _ in range(3):
        begun = time.process_time()
        do()
        took.append(time.process_time() - begun)
    return min(took)


def main() -> int:
    """Print a table; 1 where a promise does not hold."""
    with TemporaryDirectory() as folder:
        measured = list(bars(Path(folder)))
    print(*table.bars(measured), sep="\n")
    return 0 if all(bar.holds for bar in measured) else 1


if __name__ == "__main__":
    raise SystemExit(main())
