"""Findings, with how many captures they are on: the worst first, and those about captures themselves last."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from wirestat.batch.task import Done, FindingRow
from wirestat.model import Confidence, Fault, Severity

_NAMED = 3


class Common(msgspec.Struct, frozen=True):
    """One diagnosis, over all captures."""

    id: str
    title: str
    severity: Severity
    """The worst severity on any capture."""
    is_of_the_capture: bool
    """Whether it is about the capture itself, not about the traffic."""
    certain: int
    """Captures on which a finding of it is certain."""
    captures: int
    connections: int
    """Connections that the findings are about, over all captures."""
    examples: tuple[str, ...]
    """Captures with the most such connections."""


def digest(done: Iterable[Done]) -> list[Common]:
    """Add up the findings of all captures."""
    found: defaultdict[str, list[tuple[str, list[FindingRow]]]] = defaultdict(list)
    for one in done:
        by_id: defaultdict[str, list[FindingRow]] = defaultdict(list)
        for told in one.findings:
            by_id[told.id].append(told)
        for id, tolds in by_id.items():
            found[id].append((one.name, tolds))
    rows = [_common(id, captures) for id, captures in found.items()]
    return sorted(rows, key=lambda row: (row.is_of_the_capture, -row.severity.rank, -row.captures, row.id))


def _common(id: str, captures: list[tuple[str, list[FindingRow]]]) -> Common:
    """Add up the findings of one diagnosis, capture by capture."""
    every = [told for _, tolds in captures for told in tolds]
    most = sorted(captures, key=lambda capture: -_connections(capture[1]))
    return Common(
        id=id,
        title=every[0].title,
        severity=max((Severity(told.severity) for told in every), key=lambda severity: severity.rank),
        is_of_the_capture=all(told.fault == Fault.CAPTURE for told in every),
        certain=sum(any(told.confidence == Confidence.CERTAIN for told in tolds) for _, tolds in captures),
        captures=len(captures),
        connections=_connections(every),
        examples=tuple(name for name, _ in most[:_NAMED]),
    )


def _connections(tolds: Iterable[FindingRow]) -> int:
    return sum(told.connections for told in tolds)
