"""Clients that dial again as soon as a server has hung up on them."""

from itertools import pairwise

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.shown import let_go
from wirestat.diagnosis.study.instants import middle
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.words import some

_SEVERAL = 10
"""So many in a row are no retry or two."""
_AT_ONCE = 100 * MILLISECOND
"""Who lets more time pass waits before it tries again."""
_NEARLY = 5
"""All but one in so many."""


def dials_again(case: Case) -> str:
    """Say that the client dials again without a pause, time after time, where it does."""
    return case.of_both(_told)


def _told(connections: list[Connection]) -> str:
    in_turn = sorted(connections, key=lambda one: one.first_time_ns)
    gaps = [
        after.first_time_ns - closed.time_ns
        for before, after in pairwise(in_turn)
        if not before.server.bytes and (closed := let_go(before, Side.SERVER)) is not None
    ]
    soon = [gap for gap in gaps if 0 <= gap < _AT_ONCE]
    if len(soon) < _SEVERAL or (len(gaps) - len(soon)) * _NEARLY > len(gaps):
        return ""
    return (
        f" The client dials again {span(middle(soon))} later, {some(len(soon), 'time')} so far: it makes no pause "
        "after a connect that succeeds and ends so."
    )
