"""Clients that are connected and not let in: their first words come again and again before a server takes them."""

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import Rival, cause
from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.diagnosis.study.instants import those_near
from wirestat.model import Connection, Side, State
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

FIRST_COPY = 1500 * MILLISECOND
"""The first copy of first words comes within the first retransmission time-out, of about a second (RFC 6298, 2)."""
_AT_ONCE = 10 * SECOND
"""A queue that is full for one connection is so for those that begin at about that time."""
_INSTANT = 100 * MILLISECOND
"""A burst of connects that meets one queue comes within so long."""
_SEVERAL = 3
"""So many of one burst that were not let in are no chance loss."""


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
    if opened is None or again is None or over is None or again.time_ns - opened.time_ns > FIRST_COPY:
        return 0
    closed = server.fact(Fact.FIN_SENT)
    was_taken_before = (
        client.record.turns != 1 or server.record.turns > 1
    )  # else all answers came after all it said
    has_closed = closed is not None and closed.moment <= over.moment
    # The stall is counted from the copy that it began with: that is the first of all, so nothing was taken before.
    began = over.time_ns - (over.figure or 0)
    if was_taken_before or has_closed or began > again.time_ns + MILLISECOND:
        return 0
    ignored = those_near(case.of_socket(_ignored), case.connection.first_time_ns, _AT_ONCE)
    is_full = len(ignored) > server.has(Fact.SYN_ACK_RESENT_AFTER_ACK)
    return over.time_ns - opened.time_ns if is_full else 0


def never_said_more(case: Case, end: End) -> bool:
    """Say whether a client's first words come again to a server that has said nothing since its SYN-ACK.

    The SYN-ACK comes from the kernel, or from a SYN cookie: it does not show that a socket was made.
    """
    opened, again = case.client.entered(State.ESTABLISHED), end.fact(Fact.DATA_RESENT)
    if end is not case.client or opened is None or again is None or case.has(Fact.MID_STREAM, Fact.ONE_WAY):
        return False
    heard = case.server.record.last_time_ns
    is_mute = heard is not None and heard <= opened.time_ns and not case.server.record.bytes
    return is_mute and again.time_ns - opened.time_ns <= FIRST_COPY


def is_queue_full(case: Case) -> bool:
    """Say whether several that began at one instant were not taken, and others of the same instant were served."""
    began = case.of_socket(_begun)
    kept, served = (
        len(those_near(times, case.connection.first_time_ns, _INSTANT))
        for times in (began[False], began[True])
    )
    return kept >= _SEVERAL and served > 0


def full_queue(case: Case) -> Rival:
    """Name the queue of connections that wait to be accepted, of which a lost ACK may be all that shows."""
    reason = "others of that instant were served" if is_queue_full(case) else "nothing came after its SYN-ACK"
    return cause("an accept queue that was full (D05, D06); with SYN cookies there is no socket then", reason)


def _begun(connections: list[Connection]) -> dict[bool, list[int]]:
    """Return when those began whose first words came again in vain (``False``), and those that were served at the
    first (``True``), in order, in Unix ns."""
    began: dict[bool, list[int]] = {False: [], True: []}
    for one in connections:
        again = sighting(one, Fact.DATA_RESENT, Side.CLIENT)
        in_vain = is_shown(one, Fact.DATA_RESENT_UNANSWERED, Side.CLIENT)
        if one.connect_ns is None or one.syn_copies:
            continue
        if again is None and one.server.bytes:
            began[True].append(one.first_time_ns)
        elif again and in_vain and again.time_ns - one.first_time_ns <= one.connect_ns + FIRST_COPY:
            began[False].append(one.first_time_ns)
    return {served: sorted(times) for served, times in began.items()}


def _ignored(connections: list[Connection]) -> list[int]:
    """Return when those began on which the server sent its SYN-ACK again after the ACK, in order, in Unix ns."""
    return sorted(
        one.first_time_ns for one in connections if is_shown(one, Fact.SYN_ACK_RESENT_AFTER_ACK, Side.SERVER)
    )
