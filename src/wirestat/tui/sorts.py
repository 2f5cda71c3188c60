"""The sort orders of connections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from itertools import compress
from operator import add
from typing import TYPE_CHECKING

from wirestat.tables import read

if TYPE_CHECKING:
    from wirestat.tracker import Tracker


class Sort(Enum):
    """The orders of rows; the value of each is its words in the menu."""

    NEWEST = "newest first"
    TROUBLE = "findings, the gravest first"
    QUIET = "longest without a packet"
    BUSY = "latest packet"
    STATE = "states, in the order of a life"
    BYTES = "most bytes"
    RETRANSMITTED = "most retransmissions"
    QUEUE = "most unacknowledged bytes"


_SUMS = {
    Sort.BYTES: "bytes",
    Sort.RETRANSMITTED: "retransmitted_frames",
    Sort.QUEUE: "unacknowledged_bytes",
}


def order(
    tracker: Tracker, sort: Sort, chosen: bytes, ids: Sequence[int], ranks: Mapping[int, int]
) -> Sequence[int]:
    """Return the ids of the chosen connections in an order; among equals the newest come first.

    ``ids`` are those of all connections of the tracker in their order; ``ranks`` say how grave the worst finding is.
    """
    rows = list(compress(ids, chosen))[::-1]
    if sort is Sort.NEWEST:
        return rows
    if sort is Sort.TROUBLE:
        return sorted(rows, key=lambda id: -ranks.get(id, -1))
    keys = list(compress(_keys(tracker, sort), chosen))[::-1]
    ascending = sort in (Sort.QUIET, Sort.STATE)
    places = sorted(range(len(rows)), key=keys.__getitem__, reverse=not ascending)
    return [rows[place] for place in places]


def _keys(tracker: Tracker, sort: Sort) -> Sequence[int]:
    if sort in _SUMS:
        names = f"client_{_SUMS[sort]}", f"server_{_SUMS[sort]}"
        table = read(tracker, {"connections": names})["connections"]
        return list(map(add, table[names[0]].data, table[names[1]].data))
    if sort is Sort.STATE:
        table = read(tracker, {"connections": ("client_state", "server_state")})["connections"]
        ends = zip(table["client_state"].data, table["server_state"].data, strict=True)
        return [16 * one + other for one, other in ends]
    return read(tracker, {"connections": ("last_time_ns",)})["connections"]["last_time_ns"].data
