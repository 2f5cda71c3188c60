"""The report for an engineer in a hurry: what is wrong comes first, and a small capture fits a screen."""

from collections.abc import Iterator

from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.report.sections import captures, comparison, findings, fitness, states, stopped, verdict

SECTIONS = (captures, fitness, verdict, states, findings, stopped, comparison)
"""From top to bottom; each gives its lines, or none where it has nothing to say."""


def render(report: Report, view: View) -> Iterator[str]:
    """Yield the report line by line, an empty line between sections."""
    separate = False
    for section in SECTIONS:
        for line in section.lines(report, view):
            if separate:
                yield ""
                separate = False
            yield line
        separate = True
