"""What is wrong, in one line."""

from collections.abc import Iterator

from wirestat.model import Fault, Severity
from wirestat.report.build import SEVERITIES, Report
from wirestat.report.layout import View, marked
from wirestat.report.sections.findings import by_diagnosis
from wirestat.report.words import count

UNFIT = frozenset({Severity.WARNING, Severity.ERROR})
"""Findings about the capture of this weight are said before anything else."""


def lines(report: Report, view: View) -> Iterator[str]:
    """Count the diagnoses by severity and the connections that stopped on the way."""
    if not report.summary.connections:
        yield "no TCP connections"
        return
    for finding in report.findings:
        if finding.fault is Fault.CAPTURE and finding.severity in UNFIT:
            text = f"{finding.explanation} What follows may be missing what the capture is missing."
            yield from marked(finding.severity, text, view)
    parts = list(_parts(report, view))
    yield ", ".join(parts) or view.paint("good", "nothing wrong: every connection has ended or is open")


def _parts(report: Report, view: View) -> Iterator[str]:
    diagnoses = [members[0].severity for members in by_diagnosis(report.findings)]
    for severity in reversed(SEVERITIES):
        if number := diagnoses.count(severity):
            yield view.paint(severity, severity if severity == "info" else count(number, severity))
    if stopped := sum(group.count for group in report.stuck):
        yield f"{stopped:,} of {count(report.summary.connections, 'connection')} stopped on the way"
