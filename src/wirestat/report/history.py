"""The ends of a connection, and the state of each at any instant, read from its log of transitions."""

from wirestat.model import Connection, Endpoint, Side, State


def end(connection: Connection, side: Side) -> Endpoint:
    """Return one end of a connection."""
    return connection.client if side is Side.CLIENT else connection.server


def state_at(connection: Connection, side: Side, time_ns: int) -> tuple[State, int | None]:
    """Return the state at an instant and since when it held, by all that is known at the end of the capture.

    ``None`` stands for a state that it was in from the start.
    """
    state, since = end(connection, side).first_state, None
    for step in connection.transitions:
        if step.endpoint is side and step.retracted_by is None and step.time_ns <= time_ns:
            state, since = step.to, step.time_ns
    return state, since
