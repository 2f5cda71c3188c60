"""A line for each cause, the worst first: what, where, how many of how many, since when, and its name."""

from collections import Counter
from collections.abc import Iterator

from wirestat.diagnosis.finding import is_about_capture
from wirestat.model import Finding, Severity
from wirestat.names import respell
from wirestat.report.build import Report
from wirestat.report.handles import handles
from wirestat.report.layout import GAP, View, paragraph
from wirestat.words import day_time, some, spans_days

MOST = 8
"""Maximum causes: with the line above and the count of those left out, they fit into the first ten lines."""
_INDENT = " " * (max(map(len, Severity)) + 2)


def lines(report: Report, view: View) -> Iterator[str]:
    """Yield the lines; defects of the capture itself come later, and findings of severity info are not causes."""
    told = causes(report)
    alike = Counter((finding.title, finding.where) for finding in told.values())
    for name, finding in list(told.items())[:MOST]:
        whose = f", fault: {finding.fault}" if alike[finding.title, finding.where] > 1 else ""
        summary = summed_up(finding, report, view).removesuffix(")")
        text = f"{name} {respell(f'{summary}{whose})', view.names)}"
        first, *rest = paragraph(text, _INDENT, view.width, hang=GAP)
        yield view.paint(finding.severity, finding.severity) + first.removeprefix(" " * len(finding.severity))
        yield from rest
    if len(told) > MOST:
        yield f"… and {some(len(told) - MOST, 'finding')} more, below"


def causes(report: Report) -> dict[str, Finding]:
    """Return the findings that count as causes, by their names."""
    return {
        name: finding
        for name, finding in handles(report).items()
        if finding.severity is not Severity.INFO and not is_about_capture(finding)
    }


def summed_up(finding: Finding, report: Report, view: View) -> str:
    """Write a finding in one line: ``Refused at 10.0.0.2:80, 1 of 3 connections since 13:06:51.000Z (likely)``."""
    where = f" at {finding.where}" if finding.where else ""
    begun = since(finding, report, view)
    return f"{finding.title}{where}, {how_many(finding)}{begun and f' since {begun}'} ({finding.confidence})"


def since(finding: Finding, report: Report, view: View) -> str:
    """Write when a finding began, with the date where the report covers several days; "" where nobody knows."""
    if finding.since_ns is None:
        return ""
    is_dated = spans_days(report.start_ns, report.end_ns, view.zone)
    return day_time(finding.since_ns, view.zone, is_dated=is_dated)


def how_many(finding: Finding) -> str:
    """Write its number of connections, and that of its socket."""
    if finding.of is not None and finding.of > finding.count:
        return f"{finding.count:,} of {some(finding.of, 'connection')}"
    if finding.of == finding.count > 1:
        return "both connections" if finding.count == 2 else f"all {some(finding.count, 'connection')}"
    return some(finding.count, "connection")
