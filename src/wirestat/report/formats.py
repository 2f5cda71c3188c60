"""The table of formats: each is one file and one line here, and works in ``analyze``, ``compare`` and ``live``."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.report.compared.build import Compared
    from wirestat.report.layout import View
    from wirestat.report.stream import Happening

TEXT = "text"
"""The format for people; only it comes as a table, a ladder or a screen as well."""
PAGE = "html"
"""The format that is a page for browsers."""
FORMATS = {
    TEXT: "wirestat.report.text",
    "markdown": "wirestat.report.markdown",
    "json": "wirestat.report.json",
    "ndjson": "wirestat.report.ndjson",
    PAGE: "wirestat.report.html",
}
"""Every format by the name that is typed, and its module, which is imported when it is used."""

TABLES = ("connections", "transitions", "findings", "listeners")
"""The tables of formats that are tables, in the order in which it is written."""

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
"""The format that the end of a file's name stands for."""

Pieces: TypeAlias = Iterable[str] | Iterable[bytes]
"""Lines of text without their ends, or bytes as they are to be written."""


class Format(Protocol):
    """The functions that the module of a format has."""

    def render(
        self, report: Report, view: View, *, lists: bool = True, chosen: bytes | None = None
    ) -> Pieces:
        """Write a report, with or without the lists of what there are many of.

        ``chosen`` has a byte for each connection in the order of ids: 0 leaves it out.
        """

    def compare(
        self, compared: Compared, view: View, *, lists: bool = True, chosen: bytes | None = None
    ) -> Pieces:
        """Write a comparison of several captures, with or without single connections, or with those ``chosen``."""

    def tell(self, happening: Happening, view: View) -> str | None:
        """Write a line about something that happens during a live capture; ``None`` where it is not worth one."""


def load(name: str) -> Format:
    """Import a format."""
    return cast("Format", import_module(FORMATS[name]))
