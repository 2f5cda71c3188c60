"""Refusals that come with how many connections the same client has open: a limit for each client."""

from bisect import bisect_left, bisect_right
from functools import cached_property

import msgspec

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.shown import is_shown
from wirestat.model import Connection, Side, State
from wirestat.vocabulary import Fact

_SEVERAL = 2
"""So many refusals beside an equal number of open connections are no chance."""


class _Own(msgspec.Struct, dict=True):
    """The connections of one client to one socket; instants in Unix ns."""

    refused: list[int]
    """When those began that were refused, in order."""
    accepted: list[int]
    """When those began that were opened, in order."""
    over: list[int]
    """When those of them ended that are over, in order."""

    @classmethod
    def of(cls, connections: list[Connection]) -> "_Own":
        """Study them."""
        refused, accepted, over = [], [], []
        for one in connections:
            if is_shown(one, Fact.REFUSED, Side.SERVER):
                refused.append(one.first_time_ns)
            elif one.connect_ns is not None:
                accepted.append(one.first_time_ns)
                if {one.client.state, one.server.state} <= {State.CLOSED, State.TIME_WAIT}:
                    over.append(one.last_time_ns)
        return cls(sorted(refused), sorted(accepted), sorted(over))

    def open_at(self, time_ns: int) -> int:
        """Count the connections that were open at a time: begun before, and not yet over."""
        return bisect_left(self.accepted, time_ns) - bisect_left(self.over, time_ns)

    @cached_property
    def limit(self) -> int:
        """How many were open at each refusal, if never so many were when one was let in; else 0."""
        if len(self.refused) < _SEVERAL or not self.accepted:
            return 0
        full = set(map(self.open_at, self.refused))
        let_in = max(map(self.open_at, self.accepted))
        return min(full) if len(full) == 1 and let_in < min(full) else 0


def limit_of_client(case: Case) -> str:
    """Say that a socket refused this client while it had so many connections open, and at no other time.

    Others were answered between the refusals, and so was the client while it had fewer open.
    """
    own = case.of_both(_Own.of)
    if own.limit == 0:
        return ""
    first, last = own.refused[0], own.refused[-1]
    between = [
        bisect_right(times, last) - bisect_left(times, first)
        for times in (case.of_socket(_accepted), own.accepted)
    ]
    others, again = between[0] - between[1], own.accepted[-1] > last
    if not (others or again):
        return ""
    told = [
        f"it answered {others} of other clients in between" if others else "",
        "the client's own later" if again else "",
    ]
    return (
        f"Each refusal came while the client had {own.limit} connections open at a time, and "
        + " and ".join(filter(None, told))
        + ": a limit for each client"
    )


def _accepted(connections: list[Connection]) -> list[int]:
    """Return when the connections of a socket began that were opened, in order, in Unix ns."""
    return sorted(
        one.first_time_ns
        for one in connections
        if one.connect_ns is not None and not is_shown(one, Fact.REFUSED, Side.SERVER)
    )
