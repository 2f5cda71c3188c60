"""The HTML page, self-contained: what is wrong, states over time, each connection."""

from collections.abc import Iterator

from wirestat.report.build import Report
from wirestat.report.compared.build import Compared
from wirestat.report.layout import View
from wirestat.report.page.assemble import SHELL, page
from wirestat.report.page.content import content
from wirestat.report.stream import Happening


def render(report: Report, view: View, *, lists: bool = True, chosen: bytes | None = None) -> Iterator[bytes]:
    """Yield the page in chunks.

    Without ``lists``, connections are left out. ``chosen`` has a byte for each connection in the order of ids: 0
    leaves it out. ``view.most_bytes`` says how large the page may be.
    """
    yield from page(content(report, view, SHELL, lists=lists, chosen=chosen))


def compare(
    compared: Compared, view: View, *, lists: bool = True, chosen: bytes | None = None
) -> Iterator[bytes]:
    """Yield the page of a comparison in chunks, with all, no, or only the ``chosen`` connections."""
    yield from page(content(compared.report, view, SHELL, lists=lists, chosen=chosen, compared=compared))


def tell(_happening: Happening, _view: View) -> None:
    """Return ``None``: a page is written at the end, and on request."""
