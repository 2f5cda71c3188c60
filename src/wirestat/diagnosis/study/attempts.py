"""Connects and closes of a host that nobody answers for a while."""

import msgspec

from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.model import Connection, Side, State, Transition
from wirestat.timers import SECOND
from wirestat.vocabulary import Cue, Fact


class Attempt(msgspec.Struct, frozen=True):
    """A SYN or a FIN of a client that nobody answered at first."""

    one: Connection
    time_ns: int
    """When it was sent first, in Unix ns."""
    last_ns: int
    """When it is known to have been asked last, in Unix ns."""
    answered_ns: int | None
    """When the other end was heard again; ``None`` where it never was."""
    is_close: bool

    @property
    def host(self) -> str:
        """The address that was asked."""
        return self.one.server.address

    def is_ignored_since(self, until_ns: int) -> bool:
        """Say whether another copy was sent in vain after somebody was heard again.

        Each copy takes twice as long as the one before: half of the time before the last copy, the last but one was
        sent.
        """
        if self.answered_ns is None:
            last = self.last_ns if self.is_close else self.one.client.last_time_ns or 0
            return last > until_ns + SECOND
        if self.is_close:
            return self.answered_ns - until_ns > max(SECOND, until_ns - self.time_ns)
        last = self.answered_ns - (self.one.syn_to_syn_ack_ns or 0)
        return self.time_ns + (last - self.time_ns) // 2 > until_ns or (
            last > until_ns and self.answered_ns - last >= SECOND
        )


def connect_in_vain(one: Connection) -> Attempt | None:
    """Return the first SYN of a connection where it was not answered, as far as the capture shows."""
    if one.client.isn is None or one.client.first_time_ns != one.first_time_ns:
        return None
    answered = one.server.first_time_ns
    if answered is None:
        is_vain = one.client.frames > 1
    else:
        is_vain = one.syn_copies > 0 and answered - one.first_time_ns >= SECOND
    return Attempt(one, one.first_time_ns, one.first_time_ns, answered, is_close=False) if is_vain else None


def close_in_vain(one: Connection) -> Attempt | None:
    """Return the client's FIN where copies of it were never acknowledged, or not for a second and more."""
    sent, until = sighting(one, Fact.FIN_SENT, Side.CLIENT), one.client.last_time_ns
    if (
        sent is None
        or until is None
        or not (is_shown(one, Fact.FIN_RESENT, Side.CLIENT) or _follows_data_in_vain(one))
    ):
        return None
    answered, reset = _acknowledged_ns(one), sighting(one, Fact.RST_SENT, Side.CLIENT)
    last = min(until, answered or until, reset.time_ns if reset else until)
    if answered is not None and last - sent.time_ns < SECOND:
        return None
    return Attempt(one, sent.time_ns, last, answered, is_close=True)


def _follows_data_in_vain(one: Connection) -> bool:
    """Say whether nobody was heard since the client had to send again what lies before its FIN."""
    again, heard = sighting(one, Fact.DATA_RESENT, Side.CLIENT), one.server.last_time_ns
    return again is not None and (heard is None or heard < again.time_ns)


def _acknowledged_ns(one: Connection) -> int | None:
    """Return when the client's FIN was acknowledged, in Unix ns."""
    return next(
        (
            step.time_ns
            for step in one.transitions
            if step.endpoint is Side.CLIENT and step.retracted_by is None and _shows_acknowledged(step)
        ),
        None,
    )


def _shows_acknowledged(step: Transition) -> bool:
    return step.cue is Cue.RECEIVED_ACK_OF_FIN or step.to in (State.FIN_WAIT2, State.TIME_WAIT)
