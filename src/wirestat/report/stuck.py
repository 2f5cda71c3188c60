"""Connections that did not end as documented, by the states in which they stopped.

A connection has settled when both ends are over (closed, or in TIME_WAIT) or both are established: idle is not stuck.
Anything else is unfinished, also an established end whose peer is gone.
"""

from collections import defaultdict
from functools import cache

import msgspec

from wirestat.model import Connection, Side, State
from wirestat.report.history import end
from wirestat.report.progress import awaited, fill
from wirestat.summary import Signature, Summary

EXAMPLES = 5

_OVER = frozenset({State.CLOSED, State.TIME_WAIT})
_AT_REST = _OVER | {State.ESTABLISHED, State.LISTEN, State.UNKNOWN}


class Stuck(msgspec.Struct, frozen=True):
    """All connections that stopped in the same pair of states."""

    client_state: State
    server_state: State
    count: int
    examples: tuple[int, ...]
    """Ids of the first few."""


def is_stuck(client: State, server: State) -> bool:
    """Tell whether a connection with its ends in these states has neither ended nor settled."""
    if not {client, server} <= _AT_REST:
        return True
    return State.ESTABLISHED in (client, server) and not _OVER.isdisjoint((client, server))


def stuck(summary: Summary) -> tuple[Stuck, ...]:
    """Gather the stuck connections of a capture, the largest group first."""
    groups: defaultdict[tuple[State, State], list[Signature]] = defaultdict(list)
    for signature in summary.signatures:
        if is_stuck(signature.client_state, signature.server_state):
            groups[signature.client_state, signature.server_state].append(signature)
    gathered = [
        Stuck(
            client_state=client,
            server_state=server,
            count=sum(member.count for member in members),
            examples=tuple(sorted(id for member in members for id in member.examples)[:EXAMPLES]),
        )
        for (client, server), members in groups.items()
    ]
    return tuple(sorted(gathered, key=lambda group: (-group.count, group.examples)))


class Wait(msgspec.Struct, frozen=True):
    """The packet that one end of a stuck connection waits for, with placeholders for figures (``progress.fill``)."""

    side: Side
    settled: str | None
    """The text if everything that the end has sent is acknowledged; ``None`` if nothing would move it on."""
    owing: str | None
    """The text if not everything is acknowledged."""


@cache
def unfinished(client: State, server: State) -> tuple[Wait, ...]:
    """Say of each end of a stuck connection that is not at rest what it waits for; of both, if both are."""
    states = {Side.CLIENT: client, Side.SERVER: server}
    sides = [side for side in Side if states[side] not in _AT_REST] or list(Side)
    return tuple(Wait(side, *(_wait(side, states, owes=owes) for owes in (False, True))) for side in sides)


def _wait(side: Side, states: dict[Side, State], *, owes: bool) -> str | None:
    (other,) = states.keys() - {side}
    need = awaited(side, states[side], states[other], owes=owes)
    return None if need is None else f"the {side} waits for {_the(need)}"


def waits(connection: Connection) -> tuple[str, ...]:
    """Say of each end of a stuck connection that is not at rest what it waits for; of both, if both are."""
    told = []
    for wait in unfinished(connection.client.state, connection.server.state):
        one = end(connection, wait.side)
        text = wait.owing if one.unacknowledged_bytes else wait.settled
        if text is not None:
            told.append(fill(text, one))
    return tuple(told)


def waits_since(connection: Connection) -> int:
    """Return the time from which a stuck connection has been waiting: the last change of an end not at rest."""
    sides = (wait.side for wait in unfinished(connection.client.state, connection.server.state))
    changes = (end(connection, side).since_ns for side in sides)
    return max((change for change in changes if change is not None), default=connection.last_time_ns)


def _the(need: str) -> str:
    return f"the {need}" if need.startswith(tuple(Side)) else need
