"""Silences that were survived before, and were longer than one that was not: no time-out of a fixed length."""

from bisect import bisect_left
from itertools import accumulate

from msgspec.structs import replace

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.rivals import cause
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.vocabulary import Fact

_MUCH = 2
"""A silence so many times as long is longer by more than chance."""


def amid_longer(case: Case, told: Verdict, gap: int | None) -> Verdict:
    """Add that longer silences of the same socket were survived before this one."""
    began = case.connection.last_time_ns - (gap or 0)
    ended, longest = case.of_socket(_survived)
    before = longest[bisect_left(ended, began)]
    if gap is None or before < _MUCH * gap:
        return told
    longer = (
        f" Earlier, silences of up to {span(before)} were survived on this socket: no idle time-out of one length "
        "does both."
    )
    fuller = (
        "a device that forgets sooner as its table fills (pf: adaptive.start), or that lost its table then"
    )
    return replace(told, explanation=told.explanation + longer, rivals=(cause(fuller), *told.rivals))


def _survived(connections: list[Connection]) -> tuple[list[int], list[int]]:
    """Return when silences were survived, in order, in Unix ns; and the longest before each, and of all, in ns."""
    seen = [
        one
        for connection in connections
        for side in Side
        if (one := sighting(connection, Fact.SURVIVED_GAP, side))
    ]
    seen.sort(key=lambda one: one.time_ns)
    longest = accumulate((one.figure or 0 for one in seen), max, initial=0)
    return [one.time_ns for one in seen], list(longest)
