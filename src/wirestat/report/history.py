"""The ends of a connection, and the state of each at any instant, from its log of transitions."""

from itertools import takewhile

from wirestat.model import Connection, Endpoint, Evidence, Side, State, Transition


def end(connection: Connection, side: Side) -> Endpoint:
    """Return one end of a connection."""
    return connection.client if side is Side.CLIENT else connection.server


def state_at(connection: Connection, side: Side, time_ns: int) -> tuple[State, int | None]:
    """Return the state at an instant and since when it held, as best known at the end of the capture.

    ``None`` stands for a state that it was in from the start.
    """
    state, since = end(connection, side).first_state, None
    for step in connection.transitions:
        if step.endpoint is side and step.retracted_by is None and step.time_ns <= time_ns:
            state, since = step.to, step.time_ns
    return state, since


def others_at(connection: Connection, side: Side, time_ns: int) -> tuple[State, ...]:
    """Return the other states that fit as well at an instant, by all that is known at the end, the likelier first.

    They are the states that the end left only by presumed, unproven changes, unless its silence has ruled them out
    since. After the last frame they are those of the end of the capture.
    """
    record = end(connection, side)
    steps = [step for step in connection.transitions if step.endpoint is side and step.retracted_by is None]
    before = [step for step in steps if step.time_ns <= time_ns]
    stays = len(before) == len(steps)
    if stays and time_ns >= connection.last_time_ns:
        return record.or_since
    others = [_without_socket(step.from_state) for step in takewhile(_is_open, reversed(before))]
    return tuple(dict.fromkeys(other for other in others if not stays or other in record.or_since))


def _without_socket(state: State) -> State:
    """Return CLOSED for LISTEN: a server that keeps nothing of an attempt has no socket for the connection."""
    return State.CLOSED if state is State.LISTEN else state


def _is_open(step: Transition) -> bool:
    """Tell whether a transition is neither proven nor disproved."""
    return step.evidence is Evidence.PRESUMED and step.confirmed_by is None
