"""The changes of state of each connection as one text, which ``transition(LAST_ACK→CLOSED)`` searches."""

from __future__ import annotations

from array import array
from itertools import pairwise

from wirestat.model import Side
from wirestat.tables import Column, Table
from wirestat.tables.making import text
from wirestat.tables.schema import FIXED

WANTED = ("endpoint", "from_state", "to", "retracted_by")
"""Columns of transitions that they are read from."""

FIELD = text(
    "changes", "Changes of state that were believed then, in order, as in server ESTABLISHED→CLOSE_WAIT."
)


def spelled(side: str, left: str, entered: str) -> str:
    """Write a change as in the column: no such text is a part of another, so that a search finds whole changes only.

    >>> spelled("server", "LAST_ACK", "CLOSED")
    'server LAST_ACK→CLOSED'
    """
    return f"{side} {left}→{entered}"


def changes(steps: Table) -> Column:
    """Make the column of a table of transitions that has the columns ``WANTED``.

    Raises:
        TypeError: the rows of the table do not belong to connections.
    """
    if steps.offsets is None:
        raise TypeError(f"the rows of {steps.layout.name} do not belong to connections")
    ends, left, entered, disproved = (steps[name].values for name in WANTED)
    width = steps["retracted_by"].field.width
    texts: dict[str, int] = {}
    known: dict[tuple[bytes, ...], int] = {}
    codes = array(FIELD.format)
    for begin, end in pairwise(steps.offsets.tolist()):
        frames = disproved[begin * width : end * width]
        # Frame numbers are left out where no change was retracted, the usual case: so distinct courses are few.
        course = (
            ends[begin:end],
            left[begin:end],
            entered[begin:end],
            frames if frames.strip(b"\0") else b"",
        )
        code = known.get(course)
        if code is None:
            code = known[course] = texts.setdefault(_told(course, width), len(texts))
        codes.append(code)
    return Column(FIELD, codes.tobytes(), list(texts))


def _told(course: tuple[bytes, ...], width: int) -> str:
    ends, left, entered, frames = course
    states, sides = FIXED["states"], tuple(Side)
    believed = (
        spelled(sides[end], states[before], states[after])
        for place, (end, before, after) in enumerate(zip(ends, left, entered, strict=True))
        if not any(frames[place * width : (place + 1) * width])
    )
    return ", ".join(dict.fromkeys(believed))
