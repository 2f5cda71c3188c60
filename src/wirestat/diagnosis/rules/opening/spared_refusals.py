"""Hosts that refuse so many SYNs in a second, and no more: the others go unanswered."""

from bisect import bisect_left, bisect_right

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.rivals import Rival, cause
from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.model import Connection, Side
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_SEVERAL = 5
"""Fewer SYNs in vain amid refusals are chance."""
_MANY = 10
"""Hosts that count their refusals allow at least so many in a second."""


def spared_refusals(case: Case) -> tuple[Rival, ...]:
    """Name a limit on refusals, where each SYN that was not answered came amid many that were refused."""
    least = case.of_socket(_least_refused)
    if least < _MANY:
        return ()
    return (
        cause(
            "a limit on how many resets the host sends in a second (net.inet.icmp.icmplim on FreeBSD)",
            f"at least {least} were sent in the second before each SYN that was not answered",
        ),
    )


def _least_refused(connections: list[Connection]) -> int:
    """Count the refusals within a second before each SYN that went unanswered, and return the fewest."""
    told = [sighting(one, Fact.REFUSED, Side.SERVER) for one in connections]
    refused = sorted(seen.time_ns for seen in told if seen)
    in_vain = [
        one.first_time_ns
        for one in connections
        if one.connect_ns is None and (one.syn_copies or not is_shown(one, Fact.REFUSED, Side.SERVER))
    ]
    if len(in_vain) < _SEVERAL:
        return 0
    return min(bisect_right(refused, at) - bisect_left(refused, at - SECOND) for at in in_vain)
