"""``--finding`` at the end of a live capture, in place of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from wirestat.report import one
from wirestat.report.handles import handles, named
from wirestat.titles import printable

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.report.layout import View


def tell(report: Report, name: str, view: View, out: TextIO) -> None:
    """Print the findings of that name in full; if there are none, list the names of all findings."""
    found = named(report, name)
    if not found:
        known = ", ".join(handles(report)) or "none"
        print(f"no finding {printable(name)} at the end; findings: {known}", file=out)
    for line in one.render(report, found, view):
        print(line, file=out)
