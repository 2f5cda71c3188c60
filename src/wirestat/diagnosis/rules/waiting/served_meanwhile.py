"""Connections of a socket that were answered at once while another waited for its answer in vain."""

from collections import defaultdict

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.study.instants import count_between
from wirestat.model import Connection
from wirestat.timers import SECOND
from wirestat.words import some

_SEVERAL = 3
"""Fewer may have been let in before what stands still did."""
_QUICK = SECOND
"""Who is answered later than this was not served at once."""


def served_meanwhile(case: Case, waited: int, left_ns: int) -> str:
    """Say how many connections began during a wait and were answered at once; nothing where they are few."""
    served = case.of_socket(_served)
    from_ns = max(left_ns - waited, case.connection.first_time_ns)
    others = count_between(served[None], from_ns, left_ns)
    if others < _SEVERAL:
        return ""
    alike = served.get(case.client.record.bytes, [])
    same = count_between(alike, from_ns, left_ns)
    share = "all" if same == others else f"{same:,} of them"
    asked = f", {share} with a request of as many bytes," if same >= _SEVERAL else ""
    why = (
        "one of several workers, threads or backends seems to hang, and the others serve"
        if asked
        else "one of several workers or backends seems to hang, or this request does"
    )
    return (
        f" Meanwhile {some(others, 'connection')} that began later{asked} got their answers at once: {why}."
    )


def _served(connections: list[Connection]) -> dict[int | None, list[int]]:
    """Return when those began that were answered at once, in order, in Unix ns: all, and by lengths of requests."""
    begun: defaultdict[int | None, list[int]] = defaultdict(list)
    for one in connections:
        if one.connect_ns is None or not one.client.turns or one.server.turns < one.client.turns:
            continue
        if one.server.longest_think_ns < _QUICK:
            begun[None].append(one.first_time_ns)
            begun[one.client.bytes].append(one.first_time_ns)
    for each in begun.values():
        each.sort()
    begun.setdefault(None, [])
    return dict(begun)
