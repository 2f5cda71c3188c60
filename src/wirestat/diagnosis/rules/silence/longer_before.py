"""Silences that were survived before, and were longer than one that was not: no time-out of a fixed length."""

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
    before = max((lasted for ended, lasted in case.of_socket(_survived) if ended < began), default=0)
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


def _survived(connections: list[Connection]) -> list[tuple[int, int]]:
    """Return the longest silence that each connection survived, and when it first survived one: (Unix ns, ns)."""
    seen = (sighting(one, Fact.SURVIVED_GAP, side) for one in connections for side in Side)
    return [(one.time_ns, one.figure or 0) for one in seen if one]
