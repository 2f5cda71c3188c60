"""Makes the records of the JSON contract, except those of connections, which the core writes."""

import msgspec

from wirestat import model
from wirestat.report import conformance, contract
from wirestat.report.build import Report


def head(report: Report, version: str, where: str = "") -> contract.Head:
    """Make the part of the document that is small for any capture."""
    return contract.Head(
        schema=contract.SCHEMA,
        wirestat=version,
        timers=report.timers.name,
        filter=report.filter or msgspec.UNSET,
        where=where or msgspec.UNSET,
        captures=report.captures,
        summary=summary(report),
        conformance=conformant(report.conformance),
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


def conformant(item: conformance.Conformance) -> contract.Conformance:
    """Make the record of how the transitions conform to RFC 9293."""
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


def fact(item: model.Sighting) -> contract.Fact:
    """Make the record of a fact."""
    return contract.Fact(item.fact, item.endpoint, item.frame, item.time_ns, item.figure)
