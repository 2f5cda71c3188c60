"""Programs that stood still: what they were asked one after the other is answered all at once."""

from collections.abc import Iterable

import msgspec

from wirestat.model import Connection

_SEVERAL = 3
_TOGETHER = 4
"""Answers come together that are no further apart than one part in so many of what lies between the connections."""


class Halt(msgspec.Struct, frozen=True):
    """A stretch of time in which a server answered nobody, as the connections tell that were answered at its end."""

    waiting: list[Connection]
    last_began_ns: int
    """When the last of these began, in Unix ns."""
    until_ns: int
    """When the first answer came, or a little later, in Unix ns."""


def halt(connections: Iterable[Connection], least_ns: int) -> Halt | None:
    """Return the one halt of a socket's program, where all waits of ``least_ns`` and more ended at one instant."""
    waiting = [one for one in connections if _waited(one, least_ns)]
    if len(waiting) < _SEVERAL:
        return None
    began = [one.first_time_ns for one in waiting]
    ended = [one.server.last_time_ns or 0 for one in waiting]
    is_together = (max(ended) - min(ended)) * _TOGETHER <= max(began) - min(began)
    if not is_together or min(ended) - max(began) < least_ns:
        return None
    return Halt(waiting, max(began), min(ended))


def _waited(one: Connection, least_ns: int) -> bool:
    """Say whether its client asked once and waited long for the one answer, after which the server said no more."""
    if one.server.turns != 1 or one.client.turns != 1 or one.server.unseen_bytes or one.client.isn is None:
        return False
    return (one.first_byte_ns or 0) >= least_ns
