"""Programs that stood still: what they were asked one after the other is answered all at once."""

from collections.abc import Iterable

import msgspec

from wirestat.diagnosis.shown import is_shown
from wirestat.model import Connection, Side
from wirestat.vocabulary import Fact

_SEVERAL = 3
_TOGETHER = 4
"""Answers come together that are no further apart than one part in so many of what lies between the connections."""


class Halt(msgspec.Struct, frozen=True):
    """A stretch of time in which a server answered nobody, as the connections tell that were answered at its end."""

    waiting: list[Connection]
    first_began_ns: int
    """When the first of these began, in Unix ns."""
    last_began_ns: int
    """When the last of these began, in Unix ns."""
    until_ns: int
    """When the first answer came, or a little later, in Unix ns."""
    last_answer_ns: int
    """When the last of them had its answer, in Unix ns."""


def halt(connections: Iterable[Connection], least_ns: int) -> Halt | None:
    """Return the one halt of a socket's program, where all waits of ``least_ns`` and more ended at one instant."""
    answers = [(one, at) for one in connections if (at := _answered_late(one, least_ns))]
    if len(answers) < _SEVERAL:
        return None
    began, ended = [one.first_time_ns for one, _ in answers], [at for _, at in answers]
    is_together = (max(ended) - min(ended)) * _TOGETHER <= max(began) - min(began)
    if not is_together or min(ended) - max(began) < least_ns:
        return None
    return Halt([one for one, _ in answers], min(began), max(began), min(ended), max(ended))


def answered_first_ns(one: Connection) -> int | None:
    """Return when the server answered a client for the first time, in Unix ns, which asked as soon as it was let in;
    ``None`` where it never answered, or somebody else may have spoken first."""
    if one.first_byte_ns is None or one.connect_ns is None or not one.client.turns or one.server.unseen_bytes:
        return None
    if one.server.turns > one.client.turns or _had_left(one):
        return None  # it greets, or the wait is counted from the client's FIN
    asked = one.client.think_ns if one.client.turns == 1 else 0  # of several turns, the first is one of them
    return one.first_time_ns + one.connect_ns + asked + one.first_byte_ns


def _had_left(one: Connection) -> bool:
    """Say whether the client had closed before it was answered."""
    is_answered_later = is_shown(one, Fact.DATA_AFTER_PEER_FIN, Side.SERVER)
    return is_answered_later or is_shown(one, Fact.WORDS_UNANSWERED)


def _answered_late(one: Connection, least_ns: int) -> int | None:
    """Return when a client had its first answer, in Unix ns, where it had waited long for that."""
    at = answered_first_ns(one)
    return (
        at if at is not None and (one.first_byte_ns or 0) >= least_ns and one.client.isn is not None else None
    )
