"""The connections that did not end as documented: where they stopped, and the packet that each waits for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

from wirestat.model import Connection, State
from wirestat.report.build import Report
from wirestat.report.layout import GAP, View, more, table
from wirestat.report.stuck import EXAMPLES, Stuck, is_stuck, waits
from wirestat.report.words import count, ends, span, standing

Pair = tuple[State, State]


def lines(report: Report, view: View) -> Iterator[str]:
    """Give the groups, the largest first, and their connections up to the limit."""
    total = sum(group.count for group in report.stuck)
    if not total:
        return
    yield view.paint("title", "stopped on the way")
    members = _members(report, view)
    left, shown = view.limit or total, 0
    for group in report.stuck:
        found = members[group.client_state, group.server_state][: left - shown]
        shown += len(found)
        if found:
            yield from _group(group, found, report.end_ns, view)
    yield from more(shown, total, "--limit 0 shows all, --connection ID draws one as a ladder")


def _members(report: Report, view: View) -> dict[Pair, list[Connection]]:
    """Find the connections to show: the examples that each group names, or all where more are asked for."""
    members: defaultdict[Pair, list[Connection]] = defaultdict(list)
    if view.limit is not None and view.limit <= EXAMPLES:
        for group in report.stuck:
            members[group.client_state, group.server_state] = [report.connection(id) for id in group.examples]
        return members
    for connection in report.connections():
        pair = (connection.client.state, connection.server.state)
        if is_stuck(*pair) and (view.limit is None or len(members[pair]) < view.limit):
            members[pair].append(connection)
    return members


def _group(group: Stuck, found: Sequence[Connection], end_ns: int, view: View) -> Iterator[str]:
    first = found[0]
    states = f"client {standing(first.client, view.names)} / server {standing(first.server, view.names)}"
    yield GAP + states + f": {count(group.count, 'connection')}"
    for needs, alike in groupby(sorted(found, key=lambda c: (waits(c), c.id)), key=waits):
        for need in needs:
            yield GAP * 2 + need
        yield from table([_row(connection, end_ns) for connection in alike], "><<", indent=GAP * 3)


def _row(connection: Connection, end_ns: int) -> list[str]:
    since = max(filter(None, (connection.client.since_ns, connection.server.since_ns)), default=end_ns)
    return [f"#{connection.id}", ends(connection), f"for {span(end_ns - since)}"]
