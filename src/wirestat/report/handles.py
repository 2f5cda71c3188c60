"""Names of single findings: ``D05``, or ``D05.1`` and ``D05.2`` if there are several of a diagnosis."""

from collections import Counter
from collections.abc import Iterable

from wirestat.model import Finding
from wirestat.report.build import Report

Identity = tuple[str, str, int | None, str]


def identity(finding: Finding) -> Identity:
    """Return the part of a finding that stays the same from report to report: all but its numbers."""
    return finding.id, finding.where, finding.connection, finding.fault


def handles(report: Report) -> dict[str, Finding]:
    """Return the findings by their names, in their order."""
    return named_in(report.findings)


def named_in(findings: Iterable[Finding]) -> dict[str, Finding]:
    """Return findings by the names that they get among each other."""
    told = tuple(findings)
    often = Counter(finding.id for finding in told)
    seen: Counter[str] = Counter()
    named = {}
    for finding in told:
        seen[finding.id] += 1
        number = f".{seen[finding.id]}" if often[finding.id] > 1 else ""
        named[finding.id + number] = finding
    return named


def named(report: Report, name: str) -> dict[str, Finding]:
    """Return the finding of a name, or all findings of a diagnosis, by their names; empty if there is none.

    Capitals do not matter.
    """
    wanted = name.upper()
    return {one: finding for one, finding in handles(report).items() if wanted in (one, finding.id)}
