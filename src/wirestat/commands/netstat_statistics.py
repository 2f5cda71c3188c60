"""The statistics of ``netstat -s``, as far as the wire shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wirestat.model import Side, State

if TYPE_CHECKING:
    from wirestat.report.build import Report


def statistics(report: Report) -> Iterator[str]:
    """Yield the lines, much as netstat prints them, for all hosts of the captures together."""
    summary = report.summary
    states = summary.states
    open_now = sum(states.get(side, {}).get(State.ESTABLISHED, 0) for side in Side)
    opened = refused = unanswered = resets = 0
    for one in summary.listeners:
        opened += one.opened
        refused += one.refused
        unanswered += one.unanswered
        resets += one.reset
    connections = report.tables(
        {"connections": [f"{end}_retransmitted_frames" for end in ("client", "server")]}
    )["connections"]
    retransmitted = sum(sum(column.data) for column in connections.columns.values())
    yield "Tcp:"
    for count, words in (
        (summary.connections, "connections opened or tried"),
        (opened, "handshakes finished"),
        (refused + unanswered, "failed connection attempts"),
        (resets, "connections reset by servers"),
        (open_now, "ends in ESTABLISHED"),
        (summary.tcp_segments, "segments seen"),
        (retransmitted, "segments of data retransmitted"),
    ):
        yield f"    {count} {words}"
    yield "Udp:"
    yield f"    {summary.udp_datagrams} packets seen"
    yield "Icmp:"
    yield f"    {summary.icmp_errors} errors seen that quote a segment"
