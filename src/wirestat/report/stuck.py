"""Connections that did not end as documented, by the states in which they stopped.

A connection has come to rest when both ends are over (closed, or in TIME_WAIT) or both are established: idle is not
stuck. Everything between is a step not finished, and so is an end that is established towards one that is gone.
"""

from collections import defaultdict

import msgspec

from wirestat.model import Connection, Side, Signature, State, Summary
from wirestat.report.history import end
from wirestat.report.progress import waiting_for

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
    """Whether a connection with its ends in these states has neither ended nor come to rest."""
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


def waits(connection: Connection) -> tuple[str, ...]:
    """Say of each end of a stuck connection that is not at rest what it waits for; of both, if both are."""
    needs = waiting_for(connection)
    return tuple(
        f"the {side} waits for {_the(need)}" for side in _unfinished(connection) if (need := needs[side])
    )


def waits_since(connection: Connection) -> int:
    """Return the time from which a stuck connection has been waiting: the last change of an end not at rest."""
    changes = (end(connection, side).since_ns for side in _unfinished(connection))
    return max((change for change in changes if change is not None), default=connection.last_time_ns)


def _unfinished(connection: Connection) -> list[Side]:
    return [side for side in Side if end(connection, side).state not in _AT_REST] or list(Side)


def _the(need: str) -> str:
    return f"the {need}" if need.startswith(tuple(Side)) else need
