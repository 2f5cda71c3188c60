"""Answers that come after the other end has closed its direction, and reach nobody."""

from typing import NamedTuple

from msgspec.structs import replace

from wirestat.diagnosis.advice import advise, capture_at, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Connection, Fault, Severity, Side, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_RESENT = 3
_OUTAGE = 2 * SECOND
"""Sent again so often, over such a time, without a word from the other end: no chance loss."""
_LONG = 10 * SECOND
"""No device forgets sooner what is half closed."""
_SPREAD = 20
"""Times that are equal but for one part in so many are of one length: the tap sees when something was sent."""
_FORGETS = "a device on the way that forgets half-closed connections sooner than others (a firewall, NAT)"
_OF_FORTIGATE = 120 * SECOND
_FORTIGATE = "FortiGate: 120 s, tcp-halfclose-timer"
"""The time-out that is best known, and is named where it fits."""
_KEPT_FOR = (
    "  gateway$ sysctl net.netfilter.nf_conntrack_tcp_timeout_fin_wait "
    "net.netfilter.nf_conntrack_tcp_timeout_close_wait net.netfilter.nf_conntrack_tcp_timeout_last_ack"
)


def is_answer_in_vain(end: End) -> bool:
    """Say whether it closed second, after words that are not acknowledged either: its FIN is not all that is lost."""
    if not end.has(Fact.FIN_RESENT):
        return False
    closed_second = end.other.has(Fact.FIN_SENT) and (
        end.state in (State.LAST_ACK, State.CLOSING) or end.has(Fact.FIN_RETRIES_USED_UP)
    )
    return closed_second and not end.has(Fact.FIN_RESENT_AFTER_ACK) and end.record.unacknowledged_bytes > 0


def answered_after_half_close(case: Case, end: End) -> Verdict | None:
    """Judge an end that sends its last words and its FIN again and again to one that closed first and is silent."""
    if not is_answer_in_vain(end) or case.has(Fact.ONE_WAY) or end.other.has(Fact.RST_SENT, Fact.ZERO_WINDOW):
        return None
    left, closed, again = end.other.fact(Fact.FIN_SENT), end.fact(Fact.FIN_SENT), end.fact(Fact.FIN_RESENT)
    heard, asked = end.other.record.last_time_ns, end.record.last_time_ns
    if left is None or closed is None or again is None or heard is None or asked is None:
        return None
    copies = end.record.retransmitted_frames
    if heard > closed.time_ns or copies < _RESENT or asked - closed.time_ns < _OUTAGE:
        return None
    lost, pause = end.record.unacknowledged_bytes, closed.time_ns - left.time_ns
    return Verdict(
        severity=Severity.WARNING,
        grounds=(being(end, end.state), showing(end, Fact.FIN_SENT, Fact.FIN_RESENT)),
        doubts=(
            "one capture does not tell whether a device on the way drops them, or the first closer is gone",
        ),
        fault=Fault.UNDECIDED,
        measure=pause,
        frames=case.evidence(left.frame, again.frame, case.connection.last_frame),
        explanation=f"{end} sent its last {lost:,} bytes and its FIN again {times(copies)} within "
        f"{span(asked - closed.time_ns)}, and nothing acknowledges them: {end.other} had closed its own direction "
        f"{span(pause)} before that FIN, and has been silent for {span(asked - heard)}. These bytes are lost.",
        rivals=(
            cause(_FORGETS),
            still_open(f"{end.other} died in the meantime", "capture there"),
            ruled_out(
                "the last ACK alone is lost (D14)", "the bytes before the FIN are not acknowledged either"
            ),
            ruled_out(f"{end.other} has closed the whole connection", "it would answer with a reset"),
        ),
        advice=advise(
            f"Let {end.other} leave its direction open until it has the answer, or have devices on the way keep "
            f"half-closed connections for longer than {span(pause)}.",
            capture_at(end.other),
            ss_this(end),
            _KEPT_FOR,
        ),
    )


def with_half_close(case: Case, end: End, verdict: Verdict) -> Verdict:
    """Tell of a connection that the silent end had half closed, and how long after that it fell silent."""
    own = _silent_since(case.connection, end.side)
    if own is None or case.has(Fact.ONE_WAY):
        return verdict
    told = (
        f" {end.other.subject} had closed its own direction before that, and was heard for {span(own[0])} more: the "
        "connection was half closed."
    )
    alike = case.of_socket(_fell_silent)[end.side]
    if alike.number > 1:
        told += (
            f" On all {alike.number:,} connections that fell silent so, that was {span(alike.longest_ns)} to "
            f"{span(alike.shortest_ns)} after that FIN: a device on the way may keep what is half closed for no "
            "longer."
        )
    return replace(
        verdict,
        kind="half closed",
        explanation=verdict.explanation + told,
        rivals=(cause(_FORGETS, _FORTIGATE if own[0] <= _OF_FORTIGATE <= own[1] else ""), *verdict.rivals),
        advice=f"{verdict.advice}\n{_KEPT_FOR}",
    )


def _silent_since(one: Connection, side: Side) -> tuple[int, int] | None:
    """Return for how long after its FIN an end was heard, and when the other one, who had not closed and sent its
    data again in vain, did so first, both in ns since that FIN; nothing where it is not so."""
    own, other, peer = (
        (one.client, one.server, Side.SERVER)
        if side is Side.CLIENT
        else (one.server, one.client, Side.CLIENT)
    )
    closed, again = sighting(one, Fact.FIN_SENT, peer), sighting(one, Fact.DATA_RESENT, side)
    if closed is None or again is None or other.last_time_ns is None or not own.unacknowledged_bytes:
        return None
    if is_shown(one, Fact.FIN_SENT, side) or is_shown(one, Fact.RST_SENT, peer):
        return None
    heard = other.last_time_ns - closed.time_ns
    return (
        (heard, again.time_ns - closed.time_ns)
        if heard >= _LONG and again.time_ns > other.last_time_ns
        else None
    )


class _Alike(NamedTuple):
    """The half-closed connections of a socket that fell silent as long after the first FIN."""

    number: int
    """0 where they differ."""
    longest_ns: int
    """For how long one was heard after it, at most."""
    shortest_ns: int
    """When one was first asked in vain after it, at the earliest."""


def _fell_silent(connections: list[Connection]) -> dict[Side, _Alike]:
    """Hold the half-closed connections of a socket against each other, by the side that sent in vain."""
    return {
        side: _held_together(
            [found for one in connections if (found := _silent_since(one, side)) is not None]
        )
        for side in Side
    }


def _held_together(silences: list[tuple[int, int]]) -> _Alike:
    heard = [heard for heard, _ in silences]
    if not silences or (max(heard) - min(heard)) * _SPREAD > min(heard):
        return _Alike(0, 0, 0)
    longest, shortest = max(heard), min(again for _, again in silences)
    # Where one was heard for longer than another was asked in vain, no one time explains both.
    return _Alike(len(silences), longest, shortest) if longest < shortest else _Alike(0, 0, 0)
