"""Counts of the connections of each service: a service is a server's socket, or a port on any server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from wirestat.model import Severity, State
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.tables import Table

By = Literal["socket", "port"]
_COLUMNS = [
    "id", "direction_reason", "first_time_ns", "client_address", "server_address", "server_port", "server_state",
    "client_facts", "server_facts", "client_retransmitted_frames", "server_retransmitted_frames", "connect_ns",
]  # fmt: skip


class Totals(msgspec.Struct):
    """Counts of some connections."""

    connections: int = 0
    failed: int = 0
    """Whose client never was in ESTABLISHED, though its SYN was captured."""
    reset: int = 0
    """Reset by either end."""
    retransmitted: int = 0
    """With retransmitted segments."""
    close_wait: int = 0
    """Whose server is in CLOSE_WAIT at the end."""
    half_open: int = 0
    """Whose server is in SYN_RECV at the end."""
    opened: int = 0
    """Whose opening was captured, so that success or failure is known."""
    connect_ns: list[int] = []
    """The column ``connect_ns`` of those that have it."""


class Service(msgspec.Struct):
    """The connections of one service in one capture, or one span of it."""

    name: str
    all: Totals = msgspec.field(default_factory=Totals)
    by_client: dict[str, Totals] = {}
    """The same of each client."""
    by_second: dict[int, Totals] = {}
    """The same of those that began in each second."""
    findings: dict[str, int] = {}
    """Connections that findings of each diagnosis speak of."""
    severities: dict[str, Severity] = {}
    """The severity of each diagnosis: that of its gravest finding in the capture."""

    @property
    def connections(self) -> int:
        """How many there are."""
        return self.all.connections


def services(report: Report, by: By, began: tuple[int, int] | None = None) -> dict[str, Service]:
    """Add up the connections of each service.

    Args:
        report: the capture, all of whose connections were kept.
        by: what a service is.
        began: only connections whose first segment was captured at the first of these instants or later, and before
            the second, in Unix ns.
    """
    from wirestat.report.connections import findings_of_each

    table = report.tables({"connections": _COLUMNS})["connections"]
    established = _established(report)
    named = findings_of_each(report)
    severities = _severities(report)
    found: dict[str, Service] = {}
    for row in _rows(table):
        if began and not began[0] <= row["first_time_ns"] < began[1]:
            continue
        port = row["server_port"]
        name = f"port {port}" if by == "port" else socket(row["server_address"], port)
        service = found.setdefault(name, Service(name))
        for id in named.get(row["id"], ()):
            service.findings[id] = service.findings.get(id, 0) + 1
            service.severities[id] = severities[id]
        second = row["first_time_ns"] // SECOND
        of_client = service.by_client.setdefault(row["client_address"], Totals())
        for tally in (service.all, of_client, service.by_second.setdefault(second, Totals())):
            _count(tally, row, is_open=row["id"] in established)
    return found


def _severities(report: Report) -> dict[str, Severity]:
    found: dict[str, Severity] = {}
    for finding in report.findings:
        known = found.setdefault(finding.id, finding.severity)
        found[finding.id] = max(known, finding.severity, key=attrgetter("rank"))
    return found


def _rows(table: Table) -> Iterator[Mapping[str, Any]]:
    columns = [list(column) for column in table.columns.values()]
    names = list(table.columns)
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def _established(report: Report) -> frozenset[int]:
    """Return the ids of the connections whose client was in ESTABLISHED."""
    names = ["connection", "endpoint", "to", "retracted_by"]
    steps = report.tables({"transitions": names})["transitions"]
    return frozenset(
        id
        for id, end, to, retracted in zip(*(steps[name] for name in names), strict=True)
        if to == State.ESTABLISHED and end == "client" and retracted is None
    )


def _count(tally: Totals, row: Mapping[str, Any], *, is_open: bool) -> None:
    facts = {*row["client_facts"], *row["server_facts"]}
    tally.connections += 1
    tally.reset += Fact.RST_SENT in facts or Fact.REFUSED in facts
    tally.retransmitted += bool(row["client_retransmitted_frames"] or row["server_retransmitted_frames"])
    tally.close_wait += row["server_state"] == State.CLOSE_WAIT
    tally.half_open += row["server_state"] == State.SYN_RECV
    if row["direction_reason"] == "SYN":
        tally.opened += 1
        tally.failed += not is_open
        if row["connect_ns"] is not None:
            tally.connect_ns.append(row["connect_ns"])
