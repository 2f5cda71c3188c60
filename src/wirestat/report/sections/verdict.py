"""The verdict: one line of counts, and one line per cause."""

from collections.abc import Iterator

from wirestat.diagnosis.finding import is_about_capture
from wirestat.model import Severity
from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.report.sections import causes
from wirestat.words import some

UNFIT = frozenset({Severity.WARNING, Severity.ERROR})
"""Findings about a capture that cast doubt on all conclusions from it."""


def lines(report: Report, view: View) -> Iterator[str]:
    """Count the findings by severity and the connections that stopped on the way; then name the causes."""
    yield counted(report, view)
    yield from causes.lines(report, view)


def counted(report: Report, view: View) -> str:
    """Return the counts, or a word if there is nothing to count."""
    unfit = _is_unfit(report)
    if not report.summary.connections:
        missed = "no TCP connections"
        if not report.summary.frames:
            missed = "no frame passes the filter" if report.filter else "no frames"
        return missed + (" in what could be read" if unfit else "")
    parts = list(_parts(report, view))
    if unfit:
        parts.append("the capture is incomplete, and so may be what follows")
    return ", ".join(parts) or view.paint("good", "nothing wrong")


def _is_unfit(report: Report) -> bool:
    return any(is_about_capture(finding) and finding.severity in UNFIT for finding in report.findings)


def _parts(report: Report, view: View) -> Iterator[str]:
    findings = [finding.severity for finding in report.findings if not is_about_capture(finding)]
    for severity in reversed(Severity):
        if number := findings.count(severity):
            yield view.paint(severity, f"{number} info" if severity == "info" else some(number, severity))
    if stopped := sum(group.count for group in report.stuck):
        yield f"{stopped:,} of {some(report.summary.connections, 'connection')} stopped on the way"
