"""Segments as they enter the stretches between the points of a comparison, of all connections in order of time."""

from collections.abc import Iterator, Sequence

import msgspec

from wirestat.crossing import Comparison, Fate, Passage
from wirestat.diagnosis.analysis import Analysis
from wirestat.model import Side


class Entry(msgspec.Struct, frozen=True, order=True):
    """A segment as it enters the stretch between two points."""

    time_ns: int
    id: int
    """Its connection's."""
    sender: Side
    kind: str
    payload: int
    is_lost: bool
    delay_ns: int = 0

    @property
    def is_certain(self) -> bool:
        """Whether its loss shows: nobody sends a bare acknowledgement or a reset again that a tap has missed."""
        return self.kind not in ("ACK", "RST")


def entries_of(comparison: Comparison, analysis: Analysis) -> dict[tuple[int, int], list[Entry]]:
    """Return what entered each stretch, by the points before and behind it, in the order of time."""
    found: dict[tuple[int, int], list[Entry]] = {
        (stage.before, stage.behind): [] for stage in comparison.stages
    }
    for one in analysis.connections():
        for passage in comparison.crossing(one.id).passages:
            for way, entry in _of(passage, one.id):
                if way in found:
                    found[way].append(entry)
    for entries in found.values():
        entries.sort()
    return found


def _of(passage: Passage, id: int) -> Iterator[tuple[tuple[int, int], Entry]]:
    """Yield the entry of a segment into each stretch that it came to."""
    times = {sight.point: sight.time_ns for sight in passage.sights}
    for leg in passage.legs:
        if leg.before in times and passage.fate in (Fate.ARRIVED, Fate.LOST):
            entry = Entry(
                times[leg.before], id, passage.sender, passage.kind, passage.payload, False, leg.delay_ns
            )
            yield (leg.before, leg.behind), entry
    if passage.fate is Fate.LOST and passage.before in times:
        entry = Entry(times[passage.before], id, passage.sender, passage.kind, passage.payload, True)
        yield (passage.before, passage.behind), entry


def as_large_passed(entries: Sequence[Entry]) -> dict[tuple[int, Side], tuple[int, int]]:
    """Return the largest payload that passed of each end of each connection, and when its last segment did."""
    passed: dict[tuple[int, Side], tuple[int, int]] = {}
    for one in entries:
        if not one.is_lost:
            largest, _ = passed.get((one.id, one.sender), (0, 0))
            passed[one.id, one.sender] = max(largest, one.payload), one.time_ns
    return passed
