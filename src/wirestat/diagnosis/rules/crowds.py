"""Refusals that come with how many connections the same client has open: a limit for each client."""

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.shown import is_shown
from wirestat.model import Connection, Side, State
from wirestat.vocabulary import Fact

_SEVERAL = 2
"""So many refusals beside an equal number of open connections are no chance."""


def limit_of_client(case: Case) -> str:
    """Say that a socket refused this client while it had so many connections open, and at no other time.

    Others were answered between the refusals, and so was the client while it had fewer open.
    """
    pair = case.client.address, case.server.address, case.server.port
    fewer = min(case.siblings, case.neighbours, key=len)
    own = [one for one in fewer if (one.client.address, one.server.address, one.server.port) == pair]
    refused = [one for one in own if _is_refused(one)]
    accepted = [one for one in own if not _is_refused(one) and one.connect_ns is not None]
    if len(refused) < _SEVERAL or not accepted:
        return ""
    full = {_open_at(one.first_time_ns, accepted) for one in refused}
    let_in = max(_open_at(one.first_time_ns, accepted) for one in accepted)
    if len(full) > 1 or not let_in < min(full):
        return ""
    first, last = refused[0].first_time_ns, refused[-1].first_time_ns
    others = sum(
        first <= one.first_time_ns <= last
        and one.client.address != case.client.address
        and one.connect_ns is not None
        for one in case.neighbours
    )
    open_ones = min(full)
    again = any(one.first_time_ns > last for one in accepted)
    if not (others or again) or open_ones == 0:
        return ""
    told = [
        f"it answered {others} of other clients in between" if others else "",
        "the client's own later" if again else "",
    ]
    return (
        f"Each refusal came while the client had {open_ones} connections open at a time, and "
        + " and ".join(filter(None, told))
        + ": a limit for each client"
    )


def _is_refused(one: Connection) -> bool:
    return is_shown(one, Fact.REFUSED, Side.SERVER)


def _open_at(time_ns: int, connections: list[Connection]) -> int:
    """Count the connections that were open at a time: begun before, and not yet over."""
    return sum(one.first_time_ns < time_ns and not _was_over(one, time_ns) for one in connections)


def _was_over(one: Connection, time_ns: int) -> bool:
    is_over = {one.client.state, one.server.state} <= {State.CLOSED, State.TIME_WAIT}
    return is_over and one.last_time_ns < time_ns
