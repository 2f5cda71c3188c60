"""The one place that makes a finding, and the one order in which findings are told."""

from wirestat.diagnosis.certainty import Weighed
from wirestat.diagnosis.registry import Rule
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Fault, Finding, Severity


def finding(rule: Rule, verdict: Overall, weighed: Weighed, connection: int | None = None) -> Finding:
    """Make the finding of a weighed verdict: on one connection, or on a capture, a server or a group."""
    return Finding(
        id=rule.id,
        title=rule.title,
        severity=weighed.severity,
        confidence=weighed.confidence,
        fault=verdict.fault,
        connection=connection,
        frames=verdict.frames,
        explanation=verdict.explanation,
        rivals=tuple(map(str, verdict.rivals)),
        advice=verdict.advice,
        display_filter=verdict.display_filter,
        count=verdict.count,
        examples=verdict.examples,
        doubts=weighed.doubts,
        where=verdict.place.where,
        of=verdict.place.of,
        since_ns=verdict.place.since_ns,
        asks_nothing=verdict.asks_nothing and weighed.severity is Severity.INFO,
    )


def is_about_capture(finding: Finding) -> bool:
    """Whether a finding speaks of the capture itself and not of a connection in it."""
    return finding.fault is Fault.CAPTURE and finding.connection is None


def urgency(finding: Finding) -> tuple[bool, int, int, str, int, int]:
    """Return the key of the order: what is wrong with the capture first, then the most severe, the most frequent."""
    return (
        not is_about_capture(finding),
        -finding.severity.rank,
        -finding.count,
        finding.id,
        finding.confidence.rank,
        finding.frames[0] if finding.frames else 0,
    )
