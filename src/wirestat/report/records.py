"""From the report to the records of the JSON contract."""

from collections import defaultdict
from functools import cache

from wirestat import model
from wirestat.model import State
from wirestat.report import conformance, contract
from wirestat.report.build import Report
from wirestat.report.conformance import Standing, standing, statements
from wirestat.report.stuck import is_stuck, waits


def head(report: Report, version: str) -> contract.Head:
    """Make the part of the document that is small whatever the capture."""
    return contract.Head(
        schema=contract.SCHEMA,
        wirestat=version,
        timers=report.timers.name,
        captures=report.captures,
        summary=summary(report),
        conformance=comparison(report.conformance),
    )


def summary(report: Report) -> contract.Summary:
    """Make the summary: the tracker's figures, and the groups of connections that stopped on the way."""
    totals = report.summary
    own = [name for name in contract.Summary.__struct_fields__ if name != "stopped"]
    return contract.Summary(
        **{name: getattr(totals, name) for name in own},
        stopped=tuple(
            contract.Stopped(
                client_state=group.client_state,
                server_state=group.server_state,
                count=group.count,
                examples=group.examples,
            )
            for group in report.stuck
        ),
    )


def comparison(item: conformance.Conformance) -> contract.Conformance:
    """Make the record of the comparison with RFC 9293."""
    return contract.Conformance(
        documented=tuple(map(_observed, item.documented)),
        never_seen=tuple(map(_never_seen, item.never_seen)),
        undocumented=tuple(map(_observed, item.undocumented)),
        not_comparable=tuple(map(_observed, item.not_comparable)),
    )


def _observed(row: conformance.Observed) -> contract.Observed:
    return contract.Observed(
        from_=row.from_state,
        to=row.to,
        sections=row.sections,
        count=row.count,
        client=row.client,
        server=row.server,
        retracted=row.retracted,
        connections=row.examples,
    )


def _never_seen(row: conformance.Statement) -> contract.NeverSeen:
    return contract.NeverSeen(
        from_=row.from_state, to=row.to, event=row.event, section=row.section, silent=row.silent
    )


class Connections:
    """Makes the records of connections, each with the findings that name it."""

    def __init__(self, report: Report) -> None:
        """Turn the findings round: from the connection to its findings."""
        self._findings: defaultdict[int, dict[str, None]] = defaultdict(dict)
        for finding in report.findings:
            for id in (finding.connection, *finding.examples):
                if id is not None:
                    self._findings[id][finding.id] = None

    def record(self, item: model.Connection) -> contract.Connection:
        """Make the record of one connection."""
        stopped = is_stuck(item.client.state, item.server.state)
        return contract.Connection(
            id=item.id,
            incarnation=item.incarnation,
            previous=item.previous,
            direction_reason=item.direction_reason,
            tunnel=item.tunnel,
            first_time_ns=item.first_time_ns,
            last_time_ns=item.last_time_ns,
            first_frame=item.first_frame,
            last_frame=item.last_frame,
            handshake_rtt_ns=item.handshake_rtt_ns,
            client=item.client,
            server=item.server,
            stopped=stopped,
            waits=waits(item) if stopped else (),
            transitions=tuple(map(_transition, item.transitions)),
            facts=tuple(map(fact, item.facts)),
            findings=tuple(self._findings.get(item.id, ())),
        )


def _transition(item: model.Transition) -> contract.Transition:
    return contract.Transition(
        item.endpoint,
        item.from_state,
        item.to,
        item.time_ns,
        item.frame,
        item.cue,
        item.evidence,
        item.confirmed_by,
        item.retracted_by,
        *_documentation(item.from_state, item.to),
    )


def fact(item: model.Sighting) -> contract.Fact:
    """Make the record of a fact."""
    return contract.Fact(item.fact, item.endpoint, item.frame, item.time_ns, item.figure)


@cache
def _documentation(from_state: State, to: State) -> tuple[bool, str | None]:
    kind = standing(from_state, to)
    if kind is Standing.NOT_COMPARABLE:
        return False, None
    sections = dict.fromkeys(statement.section for statement in statements(from_state, to))
    return kind is Standing.DOCUMENTED, "; ".join(sections) or None
