"""What the connections of each service came to: a service is a server's socket, or a port on any server."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from wirestat.model import State
from wirestat.vocabulary import Fact
from wirestat.words import socket

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.tables import Table

By = Literal["socket", "port"]
_COLUMNS = [
    "id", "direction_reason", "first_time_ns", "server_address", "server_port", "server_state", "client_facts",
    "server_facts", "client_retransmitted_frames", "server_retransmitted_frames",
]  # fmt: skip


class Service(msgspec.Struct):
    """The connections of one service in one capture, or one span of it."""

    name: str
    connections: int = 0
    failed: int = 0
    """Never open at the client's end, though its SYN was captured."""
    reset: int = 0
    """Reset by either end."""
    retransmitted: int = 0
    """With retransmitted segments."""
    close_wait: int = 0
    """Whose server is in CLOSE_WAIT at the end."""
    half_open: int = 0
    """Whose server is in SYN_RECV at the end."""
    opened: int = 0
    """Whose opening was captured: those of which it can be said whether they failed."""
    connect_ns: list[int] = []
    """From the first SYN to ESTABLISHED at the client, in ns, of those that it can be said of."""
    findings: dict[str, int] = {}
    """Connections that findings of each diagnosis speak of."""


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
    found: dict[str, Service] = {}
    for row in _rows(table):
        if began and not began[0] <= row["first_time_ns"] < began[1]:
            continue
        port = row["server_port"]
        name = f"port {port}" if by == "port" else socket(row["server_address"], port)
        _count(
            found.setdefault(name, Service(name)), row, established.get(row["id"]), named.get(row["id"], ())
        )
    return found


def _rows(table: Table) -> Iterator[Mapping[str, Any]]:
    columns = [list(column) for column in table.columns.values()]
    names = list(table.columns)
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def _established(report: Report) -> dict[int, int]:
    """Return when the client of each connection entered ESTABLISHED, in Unix ns, by the connection's id."""
    steps = report.tables({"transitions": ["connection", "endpoint", "to", "time_ns", "retracted_by"]})[
        "transitions"
    ]
    entered: dict[int, int] = {}
    columns = (steps[name] for name in ("connection", "endpoint", "to", "time_ns", "retracted_by"))
    for id, end, to, time_ns, retracted in zip(*columns, strict=True):
        if to == State.ESTABLISHED and end == "client" and retracted is None:
            entered.setdefault(id, time_ns)
    return entered


def _count(
    service: Service, row: Mapping[str, Any], opened_ns: int | None, findings: Collection[str]
) -> None:
    facts = {*row["client_facts"], *row["server_facts"]}
    service.connections += 1
    service.reset += Fact.RST_SENT in facts or Fact.REFUSED in facts
    service.retransmitted += bool(row["client_retransmitted_frames"] or row["server_retransmitted_frames"])
    service.close_wait += row["server_state"] == State.CLOSE_WAIT
    service.half_open += row["server_state"] == State.SYN_RECV
    if row["direction_reason"] == "SYN":
        service.opened += 1
        if opened_ns is None:
            service.failed += 1
        else:
            service.connect_ns.append(opened_ns - row["first_time_ns"])
    for id in findings:
        service.findings[id] = service.findings.get(id, 0) + 1
