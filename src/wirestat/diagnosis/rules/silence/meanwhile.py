"""Stalls beside the connects of their client that were answered meanwhile."""

from bisect import bisect_left
from typing import NamedTuple

from wirestat.diagnosis.advice import advise, capture_at, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import Rival, cause, unlikely
from wirestat.model import Connection
from wirestat.vocabulary import Fact
from wirestat.words import some

DROPS_SOME = "a device on the way that drops what some connections say (a filter, a shaper)"
CHANCE = unlikely("chance loss", "it takes no copies in a row")
TOOK_NOTHING = (
    cause("a host that stood still (a virtual machine that was paused, a processor that was busy)"),
    cause("memory for sockets at its limit (tcp_mem), or a packet filter of the host"),
)
"""Why a host takes nothing of what arrives at it."""
WHICH_WAY = "one capture does not tell which direction was cut off, or whether the receiver slept"
STALLS = (Fact.STALLED, Fact.STALLED_BRIEFLY)
TOLD_ELSEWHERE = (
    Fact.FULL_SIZE_RESENT_ONLY,
    Fact.RESENT_SMALLER,
    Fact.BAD_CHECKSUM,
    Fact.TIMESTAMPS_MISSING,
    Fact.HOLE_NOT_FILLED,
    Fact.WINDOW_COLLAPSED,
)
"""Why data are sent again, where it is known."""


class Stall(NamedTuple):
    """From the first copy that stayed unanswered to the answer, in Unix ns."""

    from_ns: int
    until_ns: int


def opened_within(case: Case, stall: Stall) -> tuple[int, int]:
    """Count the connections of the client that the same host answered while this one stood, and other hosts.

    The time between two copies doubles, so in the first half of the stall only: copies sent after it were in vain.
    """
    half = stall.from_ns + (stall.until_ns - stall.from_ns) // 2
    opened = case.of_client(_opened)
    begun = opened[bisect_left(opened, (stall.from_ns, 0, "")) : bisect_left(opened, (half, 0, ""))]
    servers = [address for _, until_ns, address in begun if until_ns <= half]
    here = servers.count(case.server.address)
    return here, len(servers) - here


def _opened(connections: list[Connection]) -> list[tuple[int, int, str]]:
    """Return from when to when connections were opened, in order, in Unix ns, each with the server's address."""
    return sorted(
        (
            one.first_time_ns,
            one.first_time_ns + max(one.connect_ns or 0, one.syn_to_syn_ack_ns),
            one.server.address,
        )
        for one in connections
        if one.syn_to_syn_ack_ns is not None
    )


def meanwhile(case: Case, let_in: int, elsewhere: int) -> str:
    """Say which connects of the client were answered meanwhile."""
    if let_in:
        return f" Meanwhile the same host answered {some(let_in, 'connect')} of {case.client.address}."
    if elsewhere:
        return f" Meanwhile other hosts answered {some(elsewhere, 'connect')} of {case.client.address}."
    return ""


def what_stood(end: End, let_in: int, elsewhere: int) -> tuple[Rival, ...]:
    """Name what may have stood still, the likeliest first."""
    down, slept = (
        "the way was down for that time, in one direction or in both",
        f"{end.other} slept, or was too busy to look",
    )
    if let_in:
        answered = "the same host was connected to meanwhile"
        return (
            cause(DROPS_SOME, answered),
            unlikely(down, answered),
            unlikely(slept, answered),
        )
    if elsewhere:
        return (
            cause("the way to this host was down for that time, beyond what others share"),
            cause(DROPS_SOME),
            cause(slept),
        )
    return cause(down), cause(slept)


def ask_both(end: End) -> str:
    """Advise to look at what happened between the hosts, and at the other end."""
    return advise(
        f"See what happened between these hosts at that time, and whether the copies arrive at {end.other}.",
        capture_at(end.other),
        ss_this(end),
    )
