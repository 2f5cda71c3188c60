"""The connections that did not end as documented: where they stopped, and the packet that each waits for."""

from collections.abc import Iterator, Sequence
from itertools import compress, groupby, islice

from wirestat.model import Connection, Side
from wirestat.names import spell
from wirestat.report.build import Report
from wirestat.report.history import end
from wirestat.report.layout import GAP, View, more, paragraph, table
from wirestat.report.stuck import Stuck, waits, waits_since
from wirestat.report.words import ends, standing
from wirestat.spans import span
from wirestat.words import some


def lines(report: Report, view: View) -> Iterator[str]:
    """Yield the groups, largest first, each with as many connections as its share of the limit allows."""
    if not report.stuck:
        return
    yield view.paint("title", "stopped on the way")
    share = None if view.limit is None else max(view.limit // len(report.stuck), 1)
    groups = report.stuck[: view.limit]
    shown = 0
    for group, found in zip(groups, _members(report, groups, share), strict=True):
        shown += len(found)
        yield from _group(group, found, report.end_ns, view)
    total = sum(group.count for group in report.stuck)
    yield from more(shown, total, view, connections=True)


def _members(report: Report, groups: Sequence[Stuck], share: int | None) -> list[list[Connection]]:
    """Find the connections to show: the examples of each group, or all if more are requested."""
    if all(min(group.count, share or group.count) <= len(group.examples) for group in groups):
        return [[report.connection(id) for id in group.examples[:share]] for group in groups]
    from wirestat.tables import both, having

    table = report.tables({"connections": ["id", "client_state", "server_state"]})["connections"]
    members = []
    for group in groups:
        clients = having(table["client_state"], {group.client_state})
        ids = compress(table["id"].data, both(clients, having(table["server_state"], {group.server_state})))
        members.append([report.connection(id) for id in islice(ids, share)])
    return members


def _group(group: Stuck, found: Sequence[Connection], end_ns: int, view: View) -> Iterator[str]:
    client, server = (spell(state, view.names) for state in (group.client_state, group.server_state))
    told = {tuple(standing(end(connection, side), view.names) for side in Side) for connection in found}
    if len(told) == 1:  # else one connection's alternatives would be shown for another
        ((client, server),) = told
    title = f"client {client} / server {server}: {some(group.count, 'connection')}"
    yield from paragraph(title, GAP, view.width, hang=GAP)
    for needs, alike in groupby(sorted(found, key=lambda c: (waits(c), c.id)), key=waits):
        for need in needs:
            yield from paragraph(need, GAP * 2, view.width, hang=GAP)
        yield from table([_row(connection, end_ns) for connection in alike], "><<", indent=GAP * 3)


def _row(connection: Connection, end_ns: int) -> list[str]:
    return [f"#{connection.id}", ends(connection), f"for {span(end_ns - waits_since(connection))}"]
