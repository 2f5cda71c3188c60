"""Annotations: comments on single frames of a capture.

A frame gets a comment if it changes a state, if it proves or retracts a change presumed earlier, or if it is evidence
of a finding. All begin with ``wirestat``: ``frame.comment contains "wirestat"`` finds them.
"""

from collections.abc import Iterable, Iterator

from wirestat.model import Connection, Evidence, Finding, Transition
from wirestat.names import Dialect, respell, spell
from wirestat.report.build import Report
from wirestat.report.words import offset

Note = tuple[int, str]
"""The number of a frame, and a comment on it."""


def annotations(report: Report, connections: Iterable[Connection], names: Dialect) -> Iterator[Note]:
    """Yield the comments on some connections, and those of the findings about any of them."""
    told: set[int] = set()
    for connection in connections:
        for step in connection.transitions:
            yield from _changes(connection, step, report.start_ns, names)
        for finding in report.findings_of(connection):
            if id(finding) not in told:
                told.add(id(finding))
                yield from _judged(finding, names)


def about_capture(report: Report, names: Dialect) -> Iterator[Note]:
    """Yield the comments of findings about the capture as a whole."""
    for finding in report.findings:
        if finding.connection is None and not finding.examples:
            yield from _judged(finding, names)


def _changes(connection: Connection, step: Transition, start_ns: int, names: Dialect) -> Iterator[Note]:
    about = f"wirestat #{connection.id}"
    change = f"{step.endpoint} {spell(step.from_state, names)} → {spell(step.to, names)}"
    known = [step.evidence.value]
    if step.evidence is Evidence.TIMER:
        known = [f"by timer at {offset(step.time_ns, start_ns)}: {step.cue}"]
    if step.confirmed_by is not None:
        known.append(f"proved by {step.confirmed_by}")
        yield step.confirmed_by, f"{about} proves {change} at {step.frame}"
    if step.retracted_by is not None:
        known.append(f"retracted by {step.retracted_by}")
        yield step.retracted_by, f"{about} retracts {change} at {step.frame}"
    yield step.frame, f"{about} {change}, {', '.join(known)}"


def _judged(finding: Finding, names: Dialect) -> Iterator[Note]:
    title = f"wirestat {finding.id} {finding.title} ({finding.severity}, {finding.confidence})"
    for frame in finding.frames:
        text = f"{title}: {finding.explanation}" if frame == finding.frames[-1] else title
        yield frame, respell(text, names)
