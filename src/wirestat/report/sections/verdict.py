"""What is wrong, in one line."""

from collections.abc import Iterator

from wirestat.diagnosis.finding import is_about_capture
from wirestat.model import Severity
from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.report.sections.findings import by_diagnosis
from wirestat.words import some

UNFIT = frozenset({Severity.WARNING, Severity.ERROR})
"""Findings about a capture that are grave enough to doubt everything drawn from it."""


def lines(report: Report, view: View) -> Iterator[str]:
    """Count the diagnoses by severity and the connections that stopped on the way."""
    if not report.summary.connections:
        yield "no TCP connections" + (" in what could be read" if _is_unfit(report) else "")
        return
    unfit = _is_unfit(report)
    if unfit:
        yield "the capture is incomplete, and so may be what follows"
    if parts := ", ".join(_parts(report, view)):
        yield parts
    elif not unfit:
        yield view.paint("good", "nothing wrong")


def _is_unfit(report: Report) -> bool:
    return any(is_about_capture(finding) and finding.severity in UNFIT for finding in report.findings)


def _parts(report: Report, view: View) -> Iterator[str]:
    diagnoses = [members[0].severity for members in by_diagnosis(report)]
    for severity in reversed(Severity):
        if number := diagnoses.count(severity):
            yield view.paint(severity, f"{number} info" if severity == "info" else some(number, severity))
    if stopped := sum(group.count for group in report.stuck):
        yield f"{stopped:,} of {some(report.summary.connections, 'connection')} stopped on the way"
