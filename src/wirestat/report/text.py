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
"""From top to bottom; each gives its lines, or none where it has nothing to say."""


def render(report: Report, view: View, *, lists: bool = True, chosen: bytes | None = None) -> Iterator[str]:
    """Yield the report line by line, an empty line between sections. Lists of connections are left to tables."""
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
    """Yield a comparison line by line, with or without what it says of single connections, or of those ``chosen``."""
    from wirestat.report.compared import text

    return text.render(compared, view, singles=lists, chosen=chosen)


def tell(happening: Happening, view: View) -> str | None:
    """Return a line about something that happens during a live capture; ``None`` for what is not worth one."""
    from wirestat.report import stream

    return stream.text(happening, view)
