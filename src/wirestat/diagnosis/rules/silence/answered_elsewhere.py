"""Another connection between the same two hosts, on which the silent end answers: neither it nor the path is dead."""

from bisect import bisect_left
from typing import NamedTuple

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.opening.kept_out import full_queue, is_queue_full, never_said_more
from wirestat.diagnosis.shown import opened_ns
from wirestat.diagnosis.study.instants import count_between
from wirestat.model import Connection
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SOON = SECOND
"""A segment that came so soon after the last word may have been sent before the silence began."""
_SOON_AFTER = 5 * SECOND
"""A host that answers so soon after it was given up has hardly come back just then."""
_SMALL = 500
"""Bytes of payload that pass everywhere: each way takes packets of 576 bytes (RFC 1122, 3.3.3)."""


class _Heard(NamedTuple):
    """When a host was surely heard, on the connections of one client to it, in order, in Unix ns."""

    opened: list[int]
    """By opening: then the client had heard the SYN-ACK, and the server soon hears of it."""
    clients: list[int]
    """By the client's last words."""
    servers: list[int]
    """By the server's last words."""

    @classmethod
    def of(cls, connections: list[Connection]) -> "_Heard":
        """Study them."""
        ends = [
            [one.client.last_time_ns for one in connections],
            [one.server.last_time_ns for one in connections],
        ]
        return cls(
            opened_ns(connections),
            *(sorted(last for last in of_end if last is not None) for of_end in ends),
        )


def answered_elsewhere(case: Case, silent: End) -> int:
    """Count other connections between the two hosts on which this end was heard of while asked here in vain.

    By their last words or by opening, whichever are more: one connection is not counted for both.
    """
    heard, asked = silent.record.last_time_ns, silent.other.record.last_time_ns
    if heard is None or asked is None:
        return 0
    in_vain = silent.other.fact(Fact.DATA_RESENT, Fact.KEEPALIVE_UNANSWERED)
    since = max(heard + _SOON, in_vain.time_ns if in_vain else 0)
    others = case.between_hosts(_Heard.of)
    last = others.clients if silent is case.client else others.servers
    return max(count_between(others.opened, since, asked), count_between(last, since, asked))


def answered_soon_after(case: Case, silent: End) -> int | None:
    """Return how long after the last segment in vain another connection between the two hosts was opened, in ns."""
    asked = silent.other.record.last_time_ns
    if asked is None:
        return None
    opened = case.between_hosts(_Heard.of).opened
    place = bisect_left(opened, asked)
    if place == len(opened) or opened[place] - asked > _SOON_AFTER:
        return None
    return opened[place] - asked


def in_words(case: Case, silent: End, count: int) -> str:
    """Say that it answered elsewhere."""
    if not count:
        return ""
    if never_said_more(case, silent.other) and is_queue_full(case):
        return (
            f" It has said nothing here since its SYN-ACK. Meanwhile {silent.address} answered "
            f"{silent.other.address} on {some(count, 'other connection')}, and served others that began with this "
            "one: its accept queue was full, it seems."
        )
    drops = "drops this connection alone" if not _stood_as_well(case) else "drops this connection and others"
    return (
        f" Meanwhile {silent.address} answered {silent.other.address} on {some(count, 'other connection')}: the host "
        f"lives, and something {drops}."
    )


def _stood_as_well(case: Case) -> bool:
    """Say whether data on another connection between the hosts stood for a while in this capture."""
    return bool(case.between_hosts(_standing) - {case.connection.id})


def _standing(connections: list[Connection]) -> frozenset[int]:
    """Return which of them sent the same data again and again, and were heard in the end or not."""
    stands = {Fact.STALLED, Fact.STALLED_BRIEFLY, Fact.DATA_RESENT_UNANSWERED}
    return frozenset(one.id for one in connections if any(seen.fact in stands for seen in one.facts))


def rivals(case: Case, silent: End, count: int) -> tuple[Rival, ...]:
    """Name what else it may be, by whether it answered elsewhere, and whether it was ever connected."""
    is_new = never_said_more(case, silent.other)
    queue = (full_queue(case),) if is_new else ()
    if not count:
        return queue
    ways = "another way, chosen by the ports (ECMP, bonding), that is broken"
    return (
        *queue,
        ruled_out("a dead host", "it answers elsewhere"),
        cause(
            "a device on the way that has forgotten or blocks this connection (conntrack, NAT, a firewall)"
        ),
        unlikely(ways, "the handshake came through") if is_new else cause(ways),
        *_too_large(silent.other),
    )


def _too_large(end: End) -> tuple[Rival, ...]:
    """Name the size of what was resent, unless its segments were small."""
    sent, too_large = end.record, "segments too large for the way (D24)"
    if sent.retransmitted_frames and sent.retransmitted_bytes < _SMALL * sent.retransmitted_frames:
        return (ruled_out(too_large, "what was resent is small"),)
    return (still_open(too_large, "where all that is resent is full-sized"),)
