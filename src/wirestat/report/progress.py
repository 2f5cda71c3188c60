"""Progress of a connection: the steps of a normal life that it still lacks, and the packet it waits for.

The normal life is the RFC's: the opening by role, the close by who closes first (``rfc9293.canonical_path``). Numbers
are relative to the sender's ISN, as in Wireshark, and are given only if the capture shows them.
"""

import msgspec

from wirestat import rfc9293
from wirestat.model import Connection, Endpoint, Side, State
from wirestat.report.conformance import STATES

_FINISHING_FIRST = (State.FIN_WAIT1, State.FIN_WAIT2)
_FINISHING_SECOND = (State.CLOSE_WAIT, State.LAST_ACK)


class Progress(msgspec.Struct, frozen=True):
    """The progress of one end."""

    endpoint: Side
    path: tuple[State, ...]
    """The normal life of this end, from its first state to CLOSED."""
    lacks: tuple[State, ...]
    """The states of the path that it has not been in: skipped ones, and those still to come."""
    waiting_for: str | None
    """The next packet (or event) that would move it on, in words; ``None`` if nothing would."""


def progress(connection: Connection) -> tuple[Progress, Progress]:
    """Return the progress of the client and the server."""
    return _progress(connection, Side.CLIENT), _progress(connection, Side.SERVER)


def waiting_for(connection: Connection) -> dict[Side, str | None]:
    """Name the packet that each end is waiting for."""
    return {side: _awaits(connection, side) for side in Side}


def _progress(connection: Connection, side: Side) -> Progress:
    visited = _visited(connection, side)
    path = tuple(
        STATES[name] for name in rfc9293.canonical_path(_role(visited, side), _closes(connection, side))
    )
    to_come = () if _end(connection, side).state is State.CLOSED else (State.CLOSED,)
    lacks = tuple(state for state in path[1:-1] if state not in visited) + to_come
    return Progress(side, path, lacks, _awaits(connection, side))


def _end(connection: Connection, side: Side) -> Endpoint:
    return connection.client if side is Side.CLIENT else connection.server


def _visited(connection: Connection, side: Side) -> frozenset[State]:
    believed = (
        step for step in connection.transitions if step.endpoint is side and step.retracted_by is None
    )
    states = {state for step in believed for state in (step.from_state, step.to)}
    return frozenset(states | {_end(connection, side).state})


def _role(visited: frozenset[State], side: Side) -> str:
    """Both ends of a simultaneous open are active."""
    active = side is Side.CLIENT or State.SYN_SENT in visited
    return rfc9293.ACTIVE if active else rfc9293.PASSIVE


def _closes(connection: Connection, side: Side) -> str:
    """Return which end closes first; before any close, the client, as in the figures of 3.5 and 3.6."""
    own = _visited(connection, side)
    other = _visited(connection, _other(side))
    if State.CLOSING in own:
        return rfc9293.TOGETHER
    if own.intersection(_FINISHING_SECOND) or other.intersection(_FINISHING_FIRST):
        return rfc9293.SECOND
    if own.intersection(_FINISHING_FIRST) or other.intersection(_FINISHING_SECOND):
        return rfc9293.FIRST
    return rfc9293.FIRST if side is Side.CLIENT else rfc9293.SECOND


def _other(side: Side) -> Side:
    return Side.SERVER if side is Side.CLIENT else Side.CLIENT


def _awaits(connection: Connection, side: Side) -> str | None:
    own, other = _end(connection, side), _end(connection, _other(side))
    need = awaited(side, own.state, other.state, owes=own.unacknowledged_bytes > 0)
    return None if need is None else fill(need, own)


BYTES, ACK, ACK_OF_FIN = "{bytes}", "{ack}", "{ack of FIN}"
"""The placeholders in the text of what an end waits for: unacknowledged bytes, and the ACK number that covers
everything that it sent, without its FIN or with it."""


def awaited(side: Side, own: State, other: State, *, owes: bool) -> str | None:
    """Return what moves an end on from its state, with placeholders for figures (see :func:`fill`).

    ``owes`` tells whether it has unacknowledged data.
    """
    me, peer = f"{side}'s", f"{_other(side)}'s"
    match own:
        case State.LISTEN:
            return f"{peer} SYN"
        case State.SYN_SENT:
            return f"{peer} SYN-ACK (ack 1)"
        case State.SYN_RECV:
            return f"{peer} ACK of the {me} SYN-ACK (ack 1)"
        case State.ESTABLISHED if other is State.FIN_WAIT1:
            return f"{peer} FIN, sent but not known to have arrived"
        case State.ESTABLISHED if owes:
            return f"{peer} ACK of {BYTES} bytes{ACK}"
        case State.ESTABLISHED:
            return "nothing: it is open until one end sends a FIN"
        case State.FIN_WAIT1 | State.CLOSING | State.LAST_ACK:
            return f"{peer} ACK of the {me} FIN{ACK_OF_FIN}"
        case State.FIN_WAIT2:
            return f"{peer} FIN"
        case State.CLOSE_WAIT:
            return "its own FIN: the application has yet to close"
        case State.TIME_WAIT:
            return "no packet: 2MSL must pass"
        case _:
            return None


def fill(text: str, end: Endpoint) -> str:
    """Fill the placeholders with the figures of an end. The core does the same for JSON."""
    text = text.replace(BYTES, str(end.unacknowledged_bytes))
    return text.replace(ACK, _ack(end, fin=False)).replace(ACK_OF_FIN, _ack(end, fin=True))


def _ack(sender: Endpoint, *, fin: bool) -> str:
    """Return the ACK number that covers everything sent, if the sender's ISN is known."""
    if sender.isn is None:
        return ""
    stream = sender.bytes - sender.retransmitted_bytes + sender.unseen_bytes
    return f" (ack {1 + stream + fin})"
