"""Data and FINs sent in vain: when their sender gave up, whether its way out is down, what was forgotten before."""

from typing import NamedTuple

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, unlikely
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.study.closes import in_vain
from wirestat.model import Connection, Side, Sighting, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_HOSTS = 3
"""FINs to so many hosts are in vain together by no chance."""
_SEVERAL = 3
"""Fewer FINs between two hosts may be in vain by chance."""
_AT_ONCE = SECOND
"""Segments that are sent so close together are sent at one instant."""
_FORGETS = 30 * SECOND
"""Hardly any device forgets what was idle for less."""
_FIREWALL = "a firewall that dropped its state at the first FIN"


def hosts_in_vain(case: Case, closer: End) -> int:
    """Count hosts to which a client sends FINs in vain, while it hears nobody on any connection; 0 for few."""
    closed = closer.fact(Fact.FIN_SENT)
    if closed is None or closer is not case.client:
        return 0
    fins, at = case.of_client(in_vain), closed.time_ns
    if not 0 < fins.heard_ns < at - _AT_ONCE:
        return 0
    hosts = fins.hosts_between(at - _AT_ONCE, at + _AT_ONCE)
    return hosts if hosts >= _HOSTS else 0


def in_vain_everywhere(closer: End, hosts: int) -> str:
    """Tell that the way out is down."""
    return (
        f" Its FINs to {hosts} hosts are in vain at once, and nobody is heard on its other connections from then "
        "on: its own way out is down."
    )


def why_in_vain(case: Case, closer: End, hosts: int) -> tuple[Rival, ...]:
    """Name what may keep the answer to a FIN away, on the way."""
    if hosts:
        return (
            cause(f"the way out of {closer.address} is down", "nobody answers it"),
            unlikely(_FIREWALL, f"{hosts} hosts are silent at once"),
        )
    waited = in_vain_before(case, closer)
    if waited:
        return (
            cause(
                "a device on the way, or the other end, that had forgotten what was idle (D08)",
                f"what was sent {span(waited)} before the FIN was not answered either",
            ),
            ruled_out(_FIREWALL, "nothing was answered before it either"),
        )
    if unheard := _unheard_before(closer):
        return (
            cause(
                "the way, or the other end, which was lost before the FIN",
                f"data that came again {span(unheard)} before it was not acknowledged",
            ),
            ruled_out(_FIREWALL, "what was sent before it was not answered either"),
        )
    idle = _idle_before(closer)
    if idle >= _FORGETS:
        forgotten = "a device on the way, or the other end, that had forgotten what was idle (D08)"
        return (cause(_FIREWALL), cause(forgotten, f"a silence of {span(idle)} came before"))
    return (cause(_FIREWALL),)


def _unheard_before(closer: End) -> int:
    """Return how long before its FIN an end had sent data again, in ns, where it has heard nothing since; else 0."""
    again, closed = closer.fact(Fact.DATA_RESENT), closer.fact(Fact.FIN_SENT)
    heard_ns = closer.other.record.last_time_ns or 0
    if again is None or closed is None or heard_ns >= again.time_ns:
        return 0
    return max(0, closed.time_ns - again.time_ns)


def _idle_before(closer: End) -> int:
    """Return the silence that a FIN ended, in ns; 0 where none came before."""
    closed, gap = closer.fact(Fact.FIN_SENT), closer.fact(Fact.IDLE_GAP)
    if closed is not None and gap is not None and gap.frame == closed.frame:
        return gap.figure or 0
    return closer.figure(Fact.FIN_AFTER_IDLE) or 0


def may_be_dead(case: Case, closer: End) -> tuple[Rival, ...]:
    """Weigh whether the other end is dead: not where it is heard on other connections while the FIN is sent again."""
    closed, until = closer.fact(Fact.FIN_SENT), case.connection.last_time_ns
    host = closer.other.address
    if closed is not None and case.spoke_within(host, closed.time_ns, until):
        return (
            ruled_out("the other end is dead", "it is heard on other connections meanwhile"),
            cause("the other end has forgotten it, and a filter drops what it does not know or its resets"),
        )
    forgotten = " or has forgotten it" if closer.other.has(Fact.FIN_SENT) else ""
    return (cause(f"the other end is dead{forgotten}"),)


def lives_meanwhile(case: Case, closer: End) -> str:
    """Say that the other end is heard meanwhile, and how many FINs between these hosts were answered, where none was.

    Nothing where it is not heard, or said nothing before the FIN.
    """
    again, other = closer.fact(Fact.FIN_RESENT), closer.other
    if again is None or not other.record.frames:
        return ""
    if not case.spoke_within(other.address, again.time_ns, case.connection.last_time_ns):
        return ""
    fins = case.between_hosts(_fins_of)[closer.side]
    none = (
        f" None of the {fins.sent:,} FINs that {closer.address} sent it as {closer.side} was answered, and all data "
        "were: FINs alone seem to get lost, or their answers."
        if fins.sent >= _SEVERAL and not fins.others
        else ""
    )
    return f" {other.address} is heard on other connections meanwhile: it lives.{none}"


class _Fins(NamedTuple):
    """The FINs of one side on the connections between two hosts."""

    sent: int
    others: int
    """Those that were answered, or sent after data that were not: then it is not FINs alone that get lost."""


def _fins_of(connections: list[Connection]) -> dict[Side, _Fins]:
    return {side: _fins(connections, side) for side in (Side.CLIENT, Side.SERVER)}


def _fins(connections: list[Connection], side: Side) -> _Fins:
    sent = others = 0
    for one in connections:
        if not is_shown(one, Fact.FIN_SENT, side):
            continue
        end = one.client if side is Side.CLIENT else one.server
        sent += 1
        waits = end.state is State.FIN_WAIT1 or is_shown(one, Fact.FIN_RETRIES_USED_UP, side)
        is_vain = waits and is_shown(one, Fact.FIN_RESENT, side) and not end.unacknowledged_bytes
        others += not is_vain
    return _Fins(sent, others)


def in_vain_before(case: Case, closer: End) -> int:
    """Return for how long it had spoken before its FIN, in ns, where nothing of the other end was captured at all."""
    closed, began = closer.fact(Fact.FIN_SENT), closer.record.first_time_ns
    if closed is None or began is None or closer.other.record.frames or case.has(Fact.ONE_WAY):
        return 0
    return closed.time_ns - began if closed.time_ns - began >= SECOND else 0


def gave_up_at(end: End) -> Sighting | None:
    """Return when an end gave up: with its FIN where it closed after what it sent in vain, else with its reset."""
    reset, closed = end.fact(Fact.RST_ABORTS, Fact.RST_SENT), end.fact(Fact.FIN_SENT)
    in_vain = end.fact(Fact.DATA_RESENT_UNANSWERED)
    if reset is None or closed is None or in_vain is None:
        return reset
    return closed if in_vain.time_ns < closed.time_ns < reset.time_ns else reset


def spoke_after_being_given_up(end: End) -> int | None:
    """Return how long after an end had given up the other spoke last, in ns; nothing where it did not."""
    gave_up, heard = gave_up_at(end), end.other.record.last_time_ns
    if gave_up is None or heard is None or heard <= gave_up.time_ns:
        return None
    return heard - gave_up.time_ns


def is_heard_after_giving_up_on_data(end: End) -> bool:
    """Say whether the other end spoke again after this one had given up on what it sent in vain."""
    if not (end.has(Fact.DATA_RESENT_UNANSWERED) and end.has(Fact.RST_SENT)):
        return False  # a signature tells so much: no figures of the connection are asked for
    again, reset = end.fact(Fact.DATA_RESENT_UNANSWERED), end.fact(Fact.RST_SENT)
    if again is None or reset is None or again.time_ns >= reset.time_ns:
        return False
    return end.record.unacknowledged_bytes > 0 and spoke_after_being_given_up(end) is not None


def answers_who_came_back(end: End) -> bool:
    """Say whether its reset answers the other end, which was heard again long after it had not answered probes."""
    probed, reset = end.fact(Fact.KEEPALIVE_UNANSWERED), end.fact(Fact.RST_NO_SOCKET)
    heard = end.other.record.last_time_ns
    if probed is None or reset is None or heard is None or end.has(Fact.RST_ABORTS):
        return False
    return probed.time_ns < heard <= reset.time_ns and bool(reset.figure)


def given_up_by(end: End) -> str:
    """Say by which segment an end gave up."""
    gave_up = gave_up_at(end)
    closed = gave_up is not None and gave_up.fact is Fact.FIN_SENT
    return "FIN, and reset what came after that" if closed else "reset"


def ended_by_a_close(end: End) -> bool:
    """Say whether the other end closed without what came again and again, and nothing of that has come since."""
    stalled, heard, own = end.fact(Fact.STALLED), end.other.record.last_time_ns, end.record.last_time_ns
    if stalled is None or own is None or heard != stalled.time_ns or not end.other.has(Fact.FIN_SENT):
        return False
    return own - heard < _AT_ONCE


def goes_on_after_a_close(end: End) -> bool:
    """Say whether it sends the same again long after the other end, which closed, was heard last."""
    heard, own = end.other.record.last_time_ns, end.record.last_time_ns
    if heard is None or own is None or own - heard < _AT_ONCE or end.other.has(Fact.RST_SENT):
        return False
    return end.has(Fact.DATA_RESENT_UNANSWERED) and not is_heard_after_giving_up_on_data(end)


def was_taken_in_the_end(end: End) -> bool:
    """Say whether data that were sent again and again were acknowledged at last: less is left than one copy."""
    return bool(heard_after_copies(end)) and 0 < end.record.unacknowledged_bytes < copied_at_a_time(end)


def lives_without(end: End) -> str:
    """Say that the other end has spoken since data were sent in vain, and has not acknowledged them."""
    since = heard_after_copies(end)
    if not since or mute_for(end) > _AT_ONCE:
        return ""
    return (
        f"{end.other} has not acknowledged them, though it was heard {span(since)} after most of them: it lives, and "
        "they do not arrive there, or are dropped there."
    )


def mute_for(end: End) -> int:
    """Return for how long the other end has been silent towards this one, as of this one's last segment, in ns."""
    own, other = end.record.last_time_ns, end.other.record.last_time_ns
    return 0 if own is None or other is None else max(0, own - other)


def heard_after_copies(end: End) -> int:
    """Return how long after data had been sent again often the other end was heard last, in ns; else 0."""
    often = end.fact(Fact.DATA_RESENT_UNANSWERED)
    heard = end.other.record.last_time_ns if often else None
    return max(0, heard - often.time_ns) if often and heard is not None else 0


def copied_at_a_time(end: End) -> int:
    """Return the mean payload of what it sent again, in bytes."""
    return end.record.retransmitted_bytes // max(end.record.retransmitted_frames, 1)
