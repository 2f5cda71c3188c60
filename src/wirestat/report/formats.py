"""The table of formats: each is one file and one line here, and works in ``analyze``, ``compare`` and ``live``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.report.compared.build import Compared
    from wirestat.report.layout import View
    from wirestat.report.stream import Happening

TEXT = "text"
"""The format for people; only it also has tables, ladders and a screen."""
PAGE = "html"
"""The format of pages for browsers."""
FORMATS = {
    TEXT: "wirestat.report.text",
    "markdown": "wirestat.report.markdown",
    "json": "wirestat.report.json",
    "ndjson": "wirestat.report.ndjson",
    PAGE: "wirestat.report.html",
}
"""Every format by name, and its module, which is imported on use."""
FOR_PEOPLE = (TEXT, "markdown")
"""The formats that show a single finding."""
IN_PARTS = (TEXT, "json", "ndjson")
"""The formats that show a single connection, and the states at an instant."""

TABLES = ("connections", "transitions", "findings", "listeners")
"""The tables of the table formats, in the order of writing."""

ENDINGS = {
    ".txt": TEXT,
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".html": PAGE,
    ".htm": PAGE,
}
"""The format of a file extension."""

Chunks: TypeAlias = Iterable[str] | Iterable[bytes]
"""Lines of text without line ends, or raw bytes."""


class Format(Protocol):
    """The functions that the module of a format has."""

    def render(
        self, report: Report, view: View, *, lists: bool = True, chosen: bytes | None = None
    ) -> Chunks:
        """Write a report, with or without its long lists.

        ``chosen`` has a byte for each connection in the order of ids: 0 leaves it out.
        """

    def compare(
        self, compared: Compared, view: View, *, lists: bool = True, chosen: bytes | None = None
    ) -> Chunks:
        """Write a comparison of several captures, with all, no, or only the ``chosen`` connections."""

    def tell(self, happening: Happening, view: View) -> str | None:
        """Write a line about an event of a live capture; ``None`` if it deserves none."""


def load(name: str) -> Format:
    """Import a format."""
    __import__(FORMATS[name])  # importlib takes longer to load than most formats
    return cast("Format", sys.modules[FORMATS[name]])
