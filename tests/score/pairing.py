"""Assigns wirestat's connections to the true ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from wirestat.model import Connection

from .incarnations import Incarnations
from .truth import TrueConnection
from .witnesses import NOISE_NS


def pair(
    true: Iterable[TrueConnection], told: Iterable[Connection], tap: str, incarnations: Incarnations
) -> dict[TrueConnection, list[Connection]]:
    """Return the reported connections of each true one.

    A report belongs to the true connection with its client's initial sequence number, or else to the latest that had
    begun when the first frame of the report was captured.
    """
    true = list(true)
    found: dict[TrueConnection, list[Connection]] = defaultdict(list)
    for connection in told:
        ends = [(end.address, end.port) for end in (connection.client, connection.server)]
        candidates = [each for each in true if each.is_between(ends[0], ends[1], tap)]
        numbered = [n for n in _numbers(connection, candidates, tap) if n is not None]
        same = incarnations.began_with(candidates, numbered[0] if numbered else None)
        begun = [c for c in candidates if (c.begins_ns or 0) - NOISE_NS <= connection.first_time_ns]
        if same is not None:
            found[same].append(connection)
        elif candidates:
            found[begun[-1] if begun else candidates[0]].append(connection)
    return found


def _numbers(connection: Connection, candidates: list[TrueConnection], tap: str) -> list[int | None]:
    """The initial sequence number of the end that is truly the client."""
    clients = {each.ends[0].at(tap) for each in candidates}
    return [e.isn for e in (connection.client, connection.server) if (e.address, e.port) in clients]
