"""Databases that are told on a connection of its own to stop a query: they close that without an answer."""

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.shown import let_go
from wirestat.model import Connection, Side

_PORTS = (5432, 5433, 6432)
"""PostgreSQL and what pools its connections."""
_REQUEST = 16
"""The length of its request to cancel, in bytes."""
_MOST = 50
"""Of more sessions than these, the first stand for all."""


def cancels_a_query(case: Case) -> bool:
    """Say whether the client seems to have told PostgreSQL to stop a query of another of its connections."""
    if case.server.port not in _PORTS or case.client.record.bytes != _REQUEST:
        return False
    began, ended = case.connection.first_time_ns, case.connection.last_time_ns
    return any(first < began and last > ended for first, last in case.of_both(_sessions))


def _sessions(connections: list[Connection]) -> list[tuple[int, int]]:
    """Return from when to when the server's sessions with this client lasted, in Unix ns."""
    sessions = [one for one in connections if one.server.bytes and let_go(one, Side.SERVER) is None]
    return [(one.first_time_ns, one.last_time_ns) for one in sessions[:_MOST]]
