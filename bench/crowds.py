"""Crowds: very many connections that all speak at one time, so that any frame may be of any of them.

That is the rule on a busy link: next to nothing of what a frame needs is still in a cache. A trace of ``traces.py``
is the opposite: its connections are short and follow upon one another, so that neighbouring frames nearly always
belong to the same few.
"""

from collections.abc import Iterator
from heapq import heapify, heapreplace
from itertools import count, islice
from random import Random
from typing import NamedTuple

from bench import dialogues as say
from bench.dialogues import Kind
from bench.frames import CAPTURE_HEADER
from bench.traces import ORDINARY, Mix, speakers

_PIECE = 4096


class Crowd(NamedTuple):
    """Who speaks, how many at a time, and how fast."""

    mix: Mix
    active: int
    """Connections that speak at one time: who has done is followed by another at once."""
    per_second: int
    """Frames of all of them in a second."""

    @property
    def gap_us(self) -> float:
        """How long each waits on average from one segment to the next."""
        return self.active / self.per_second * 1e6


_PATIENT: dict[Kind, int] = {kind: share for kind, share in ORDINARY.kinds.items() if kind is not say.idle}
_MOSTLY_SHORT = ORDINARY._replace(kinds=_PATIENT)
_LONG = Mix({say.download: 3, say.upload: 1, say.closed_by_client: 2}, frames_each=200, per_second=1000)

FEW = Crowd(_MOSTLY_SHORT, 1000, 50_000)
"""As many as fit into a cache."""
MANY = Crowd(_MOSTLY_SHORT, 50_000, 400_000)
"""As many as do not."""
THRONG = Crowd(_MOSTLY_SHORT, 500_000, 1_000_000)
"""As many as a large table holds."""
MANY_LONG = Crowd(_LONG, 50_000, 400_000)
"""The same with many frames a connection."""


def crowd(wanted: Crowd, frames: int, *, payload: bool, seed: int = 2119) -> Iterator[bytes]:
    """Yield a capture of so many frames in chunks."""
    yield CAPTURE_HEADER
    records = _in_order(wanted, Random(seed), payload)
    for _ in range(0, frames, _PIECE):
        yield b"".join(islice(records, min(_PIECE, frames)))
        frames -= _PIECE


def _in_order(wanted: Crowd, random: Random, payload: bool) -> Iterator[bytes]:
    """Yield the records of all, the earliest first."""
    mix, gap_us = wanted.mix, wanted.gap_us
    made = speakers(mix, None, random)
    numbers = count()
    spoken = 0

    def begin(time_us: float) -> tuple[int, int, bytes, Iterator[tuple[int, bytes]]]:
        nonlocal spoken
        number = next(numbers)
        speaker = next(made)._replace(begin_us=int(time_us), gap_us=gap_us)
        segments = speaker.frames(mix.frames_each * number > spoken, payload)
        first_us, first = next(segments)
        return first_us, number, first, segments

    # The first of them begin one after the other: they would open all at once.
    speaking = [begin(random.random() * gap_us * mix.frames_each) for _ in range(wanted.active)]
    heapify(speaking)
    while speaking:
        time_us, number, record, segments = speaking[0]
        yield record
        spoken += 1
        following = next(segments, None)
        heapreplace(speaking, (following[0], number, following[1], segments) if following else begin(time_us))
