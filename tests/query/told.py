"""The connections of a report, in the form that the reference takes."""

from collections.abc import Iterator

from wirestat.model import Connection
from wirestat.query.reference import Step, Subject
from wirestat.report.build import Report


def told(report: Report, at_ns: int | None = None) -> Iterator[tuple[int, Subject]]:
    """Yield the id and subject of each connection; at an instant, only of those that had begun."""
    tables = report.tables({"connections": None, "instant": None}, at_ns=at_ns)
    for place, connection in enumerate(report.connections()):
        row = tables["connections"].row(place)
        if at_ns is not None:
            if connection.first_time_ns > at_ns:
                continue
            row |= tables["instant"].row(place)
        findings = [(one.id, one.severity.rank) for one in report.findings_of(connection)]
        now_ns = report.end_ns if at_ns is None else at_ns
        yield connection.id, Subject(row, _steps(connection), findings, now_ns)


def _steps(connection: Connection) -> list[Step]:
    return [
        Step(step.endpoint.value, step.from_state.value, step.to.value)
        for step in connection.transitions
        if step.retracted_by is None
    ]
