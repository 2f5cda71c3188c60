"""The findings of a name at the end of a live capture, in the place of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from wirestat.report import one
from wirestat.report.handles import handles, named
from wirestat.titles import printable

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.report.layout import View


def tell(report: Report, name: str, view: View, out: TextIO) -> None:
    """Print them whole; where there is none of that name, the names that there are."""
    found = named(report, name)
    if not found:
        known = ", ".join(handles(report)) or "none"
        print(f"no finding {printable(name)} at the end; findings: {known}", file=out)
    for line in one.render(report, found, view):
        print(line, file=out)
