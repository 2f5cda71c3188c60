"""Another connection between the same two hosts, on which the silent end answers: neither it nor the path is dead."""

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open
from wirestat.model import Connection
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SOON = SECOND
"""A segment that came so soon after the last word may have been sent before the silence began."""


def answered_elsewhere(case: Case, silent: End) -> int:
    """Count other connections between the two hosts on which this end was heard of while asked here in vain."""
    heard, asked = silent.record.last_time_ns, silent.other.record.last_time_ns
    if heard is None or asked is None:
        return 0
    in_vain = silent.other.fact(Fact.DATA_RESENT, Fact.KEEPALIVE_UNANSWERED)
    since = max(heard + _SOON, in_vain.time_ns if in_vain else 0)
    hosts = {silent.address, silent.other.address}
    others = (one for one in case.siblings if one.id != case.connection.id)
    return sum(
        {one.client.address, one.server.address} == hosts and _was_heard(one, silent.address, since, asked)
        for one in others
    )


def _was_heard(one: Connection, address: str, after_ns: int, until_ns: int) -> bool:
    """Say whether an end was surely heard of in a stretch of time: by its last word, or by opening."""
    last_ns = (one.client if one.client.address == address else one.server).last_time_ns
    has_opened = one.connect_ns is not None and after_ns < one.first_time_ns + one.connect_ns < until_ns
    return has_opened or (last_ns is not None and after_ns < last_ns < until_ns)


def in_words(silent: End, count: int) -> str:
    """Say that it answered elsewhere."""
    if not count:
        return ""
    return (
        f" Meanwhile {silent.address} answered {silent.other.address} on {some(count, 'other connection')}: the host "
        "lives, and something drops this connection alone."
    )


def rivals(count: int) -> tuple[Rival, ...]:
    """Name what else it may be, by whether it answered elsewhere."""
    if not count:
        return ()
    return (
        ruled_out("a dead host", "it answers elsewhere"),
        cause(
            "a device on the way that has forgotten or blocks this connection (conntrack, NAT, a firewall)"
        ),
        cause("another way, chosen by the ports (ECMP, bonding), that is broken"),
        still_open("segments too large for the way (D24)", "where all that is resent is full-sized"),
    )
