"""Clients that are connected and not let in: their first words come again and again before a server takes them."""

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.study.instants import those_near
from wirestat.model import Connection, Side, State
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_FIRST_COPY = 1500 * MILLISECOND
"""The first copy comes within the first retransmission time-out, of about a second (RFC 6298, 2)."""
_AT_ONCE = 10 * SECOND
"""A queue that is full for one connection is so for those that begin at about that time."""


def kept_out_ns(case: Case) -> int:
    """Return for how long a server threw away all that a client said after the handshake, in ns; 0 if it did not.

    That alone may be the way. It is the server where it ignored the last ACK of other handshakes at that time: one
    whose accept queue is full does both, and sends its SYN-ACK again only to those that say nothing.
    """
    client, server = case.client, case.server
    if not client.has(Fact.STALLED):
        return 0
    opened, again, over = (
        client.entered(State.ESTABLISHED),
        client.fact(Fact.DATA_RESENT),
        client.fact(Fact.STALLED),
    )
    if opened is None or again is None or over is None or again.time_ns - opened.time_ns > _FIRST_COPY:
        return 0
    closed = server.fact(Fact.FIN_SENT)
    was_taken_before = (
        client.record.turns != 1 or server.record.turns > 1
    )  # else all answers came after all it said
    has_closed = closed is not None and closed.frame <= over.frame
    # The stall is counted from the copy that it began with: that is the first of all, so nothing was taken before.
    began = over.time_ns - (over.figure or 0)
    if was_taken_before or has_closed or began > again.time_ns + MILLISECOND:
        return 0
    ignored = those_near(case.of_socket(_ignored), case.connection.first_time_ns, _AT_ONCE)
    is_full = len(ignored) > server.has(Fact.SYN_ACK_RESENT_AFTER_ACK)
    return over.time_ns - opened.time_ns if is_full else 0


def _ignored(connections: list[Connection]) -> list[int]:
    """Return when those began on which the server sent its SYN-ACK again after the ACK, in order, in Unix ns."""
    return sorted(
        one.first_time_ns for one in connections if is_shown(one, Fact.SYN_ACK_RESENT_AFTER_ACK, Side.SERVER)
    )
