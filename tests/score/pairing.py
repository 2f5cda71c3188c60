"""Which of wirestat's connections speaks of which true one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from wirestat.model import Connection

from .truth import TrueConnection
from .witnesses import NOISE_NS


def pair(
    true: Iterable[TrueConnection], told: Iterable[Connection], tap: str
) -> dict[TrueConnection, list[Connection]]:
    """For each true connection those told of it: the latest that had begun when their first frame was captured."""
    true = list(true)
    found: dict[TrueConnection, list[Connection]] = defaultdict(list)
    for connection in told:
        ends = [(end.address, end.port) for end in (connection.client, connection.server)]
        candidates = [each for each in true if each.is_between(ends[0], ends[1], tap)]
        begun = [c for c in candidates if (c.begins_ns or 0) - NOISE_NS <= connection.first_time_ns]
        if candidates:
            found[begun[-1] if begun else candidates[0]].append(connection)
    return found
