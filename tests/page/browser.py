"""A real browser for the tests of the page: Debian's Chromium, without a window and without a network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

import pytest

from tests.patience import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = which("chromium") or which("chromium-browser")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
SCREENSHOTS = os.environ.get("WIRESTAT_SCREENSHOTS")
"""A folder where the pictures of the tests are kept, for people to look at."""


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start the browser; as root without its sandbox, which needs user namespaces."""
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


class Reader:
    """A user who opens a page, and notes errors while looking at it."""

    def __init__(self, browser: Browser, file: Path, **context: Any) -> None:
        options: dict[str, Any] = {"viewport": {"width": 1400, "height": 900}, "offline": True} | context
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE * 1000)
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.file = file
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("html[data-ready]")

    def go(self, address: str) -> None:
        """Follow a link within the page."""
        self.page.evaluate("address => { location.hash = address }", address)
        pane = address.split("?")[0]
        self.page.wait_for_selector(f"#pane-{pane}:not([hidden])")

    def picture(self, name: str) -> None:
        """Save a screenshot, if they are requested."""
        if SCREENSHOTS:
            Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png", full_page=True)

    def close(self) -> None:
        """Close the page, and check that nothing was loaded and no error occurred."""
        self.context.close()
        assert self.complaints == []
        assert self.requests == [self.file.as_uri()]
