"""The report for an engineer in a hurry: what is wrong comes first, and a small capture fits a screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.report.sections import (
    captures,
    conformance,
    findings,
    fitness,
    states,
    stopped,
    verdict,
)

if TYPE_CHECKING:
    from wirestat.report.compared.build import Compared
    from wirestat.report.stream import Happening

SECTIONS = (verdict, captures, fitness, states, findings, stopped, conformance)
"""The sections from top to bottom; each yields its lines, possibly none."""


def render(report: Report, view: View, *, lists: bool = True, chosen: bytes | None = None) -> Iterator[str]:
    """Yield the report line by line, an empty line between sections. Connections are listed only in tables."""
    separate = False
    for section in SECTIONS:
        for line in section.lines(report, view):
            if separate:
                yield ""
                separate = False
            yield line
        separate = True


def compare(
    compared: Compared, view: View, *, lists: bool = True, chosen: bytes | None = None
) -> Iterator[str]:
    """Yield a comparison line by line, with all, no, or only the ``chosen`` connections."""
    from wirestat.report.compared import text

    return text.render(compared, view, singles=lists, chosen=chosen)


def tell(happening: Happening, view: View) -> str | None:
    """Return a line about an event of a live capture; ``None`` for an event that deserves none."""
    from wirestat.report import stream

    return stream.text(happening, view)
