"""Times at which nothing passes between two points of a comparison, whatever is sent."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec
from msgspec.structs import replace

from wirestat.crossing import Comparison
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.compared.entries import Entry, as_large_passed
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.rivals import ruled_out
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import instant
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.words import some

_SEVERAL = 4
"""Fewer segments in a row are lost by chance."""
_CONNECTIONS = 2
"""So many go on after it: where each of them died by itself, it was no cut."""
_LEAST = 200 * MILLISECOND
"""A shorter time in which nothing passes is a burst that a queue had no room for."""
_RHYTHM = 3
_STEADY = 8
"""Spaces between cuts that differ by one part in so many are equal."""
_OPENING = ("SYN", "SYN-ACK")
_TOLD_BY_IT = frozenset({"D01", "D04", "D05", "D09", "D13", "D14", "D20", "D34", "D56", "D57"})
"""Diagnoses of segments that were lost meanwhile."""


class WayCut(msgspec.Struct, frozen=True):
    """A time in which all that entered was lost."""

    from_ns: int
    until_ns: int
    """When the last of it entered: what came after passed."""


def is_within(found: Sequence[WayCut], entry: Entry) -> bool:
    """Say whether a segment entered during one of the cuts of its stretch, which are in the order of time."""
    place = bisect_right(found, entry.time_ns, key=lambda cut: cut.from_ns)
    return place > 0 and entry.time_ns <= found[place - 1].until_ns


def cuts(entries: Sequence[Entry]) -> list[WayCut]:
    """Find runs of lost segments, of several connections that had been open, with something that passes later."""
    found, run, opened = [], list[Entry](), set[int]()
    passed = as_large_passed(entries)
    for one in entries:
        if one.is_lost:
            run.append(one)
            continue
        telling = [each for each in run if each.payload <= passed.get((each.id, each.sender), (-1, 0))[0]]
        revived = {each.id for each in telling if passed[each.id, each.sender][1] > each.time_ns}
        if len(revived) >= _CONNECTIONS and _is_cut(telling, opened):
            found.append(WayCut(run[0].time_ns, run[-1].time_ns))
        run.clear()
        opened.add(one.id)
    return found


def _is_cut(run: Sequence[Entry], opened: set[int]) -> bool:
    """Say whether these segments, none of which is larger than all that passed of its connection, show a cut."""
    sure = [one for one in run if one.is_certain]
    if len(sure) < _SEVERAL or sure[-1].time_ns - sure[0].time_ns < _LEAST:
        return False
    # A device may drop SYNs alone, or what it does not know: then those that were open go on.
    return any(one.id in opened and one.kind not in _OPENING for one in sure)


def tell_cuts(
    found: Mapping[tuple[int, int], Sequence[WayCut]],
    entered: Mapping[tuple[int, int], Sequence[Entry]],
    comparison: Comparison,
    analysis: Analysis,
) -> Overall | None:
    """Make one verdict of all cuts of the stretch that has most of them."""
    way = max(found, key=lambda way: len(found[way]) + len(found.get((way[1], way[0]), ())), default=None)
    if way is None or not (found[way] or found.get((way[1], way[0]))):
        return None
    ways = [each for each in (way, (way[1], way[0])) if found.get(each)]
    here, there = (comparison.points[at].name for at in ways[0])
    spells = _joined(cut for each in ways for cut in found[each])
    lost = [one for each in ways for one in entered[each] if one.is_lost and is_within(found[each], one)]
    ids = {one.id for one in lost}
    return Overall(
        severity=None if any(until - began >= SECOND for began, until in spells) else Severity.WARNING,
        fault=Fault.PATH,
        explanation=f"Nothing passed from {here} to {there}{', nor back,' if len(ways) > 1 else ''} "
        f"{_when(analysis, spells)}. All {len(lost):,} segments of {some(len(ids), 'connection')} that were sent "
        "meanwhile were lost, and what was sent before and after passed: the way was cut.",
        rivals=(
            ruled_out("hosts that stood still", "what they sent was captured, and lost between these points"),
            ruled_out("a full accept queue", "the SYNs did not come to the server"),
        ),
        advice=advise(
            "See what happened between these points at that time: a link that went down, a route that changed, a "
            "failover, a radio link without signal."
        ),
        count=len(ids),
        examples=tuple(sorted(ids)),
        place=replace(place_of_examples(analysis, ids, are_all=True), since_ns=spells[0][0]),
        replaces=_TOLD_BY_IT,
        absorbs=frozenset(_lost_nothing_else(ids, found, entered)),
    )


def _joined(found: Iterable[WayCut]) -> list[tuple[int, int]]:
    """Join the cuts of both directions that overlap, or nearly so, in the order of time."""
    spells: list[tuple[int, int]] = []
    for cut in sorted(found, key=lambda one: one.from_ns):
        if spells and cut.from_ns <= spells[-1][1] + _LEAST:
            spells[-1] = spells[-1][0], max(spells[-1][1], cut.until_ns)
        else:
            spells.append((cut.from_ns, cut.until_ns))
    return spells


def _when(analysis: Analysis, spells: Sequence[tuple[int, int]]) -> str:
    """Say when the way was cut, for how long, and in which rhythm."""
    first = instant(analysis, spells[0][0])
    took = [until - began for began, until in spells]
    if len(spells) == 1:
        return f"for {span(took[0])}, from {first} on"
    spaces = [later[0] - sooner[0] for sooner, later in pairwise(spells)]
    mean = sum(spaces) // len(spaces)
    steady = len(spells) >= _RHYTHM and all(abs(each - mean) * _STEADY <= mean for each in spaces)
    rhythm = f", each {span(mean)}" if steady else ""
    return f"{some(len(spells), 'time')}, for {span(min(took))} to {span(max(took))}, from {first} on{rhythm}"


def _lost_nothing_else(
    ids: Iterable[int],
    found: Mapping[tuple[int, int], Sequence[WayCut]],
    entered: Mapping[tuple[int, int], Sequence[Entry]],
) -> set[int]:
    """Return those connections of which nothing was lost at other times."""
    elsewhere = {
        one.id
        for way, entries in entered.items()
        for one in entries
        if one.is_lost and not is_within(found[way], one)
    }
    return set(ids) - elsewhere
