"""Events that befall all traffic between two points of a comparison, of any connection: a cut, loss, copies."""

from collections.abc import Iterator, Sequence

from wirestat.crossing import Comparison, Fate
from wirestat.diagnosis import roster
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.compared.cuts import WayCut, cuts, is_within, tell_cuts
from wirestat.diagnosis.compared.entries import Entry, as_large_passed, entries_of
from wirestat.diagnosis.compared.one_kind import lost_of_one_kind
from wirestat.diagnosis.compared.openings import lost_openings
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.registry import Rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.path.multiplied import ADVICE, LOOP, REPEATS
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.study.instants import middle
from wirestat.diagnosis.study.multiplied import MANY
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import percent
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_MOST = 200_000
"""Segments that are gone through one by one."""
_SOME = 20
"""Fewer segments are lost by chance."""
_PERCENT = 100
"""One segment in so many makes transfers slow."""
_GRAVE = 20
_MULTIPLIED = 10
"""One copy for so many segments is no accident."""
_MIRROR = "a mirror port at the point behind that shows each packet twice"
_JUST = 50 * MILLISECOND
"""A segment that passed so shortly before a lost segment found the same queue."""
_GREW = 2
"""A queue that runs over makes the way so many times as slow as it is at best."""
_NOTICED = 5 * MILLISECOND
"""A delay that grew by less is no queue: hosts are late by as much."""


def stretches(comparison: Comparison, analysis: Analysis) -> Iterator[tuple[Rule, Overall]]:
    """Yield what is found of each stretch, with the rule that it belongs to."""
    if (copied := _copies(comparison, analysis)) is not None:
        yield roster.rule("D62"), copied
    total = sum(sum(stage.entered.values()) + stage.total(Fate.DUPLICATED) for stage in comparison.stages)
    if total > _MOST or not is_few(analysis):
        return
    entered = entries_of(comparison, analysis)
    found_cuts = {way: cuts(entries) for way, entries in entered.items()}
    if (cut := tell_cuts(found_cuts, entered, comparison, analysis)) is not None:
        yield roster.rule("D54"), cut
    yield from lost_of_one_kind(entered, comparison, analysis)
    for (before, behind), entries in entered.items():
        if (dropped := lost_openings(before, behind, entries, comparison, analysis)) is not None:
            yield roster.rule("D01"), dropped
        back = entered.get((behind, before), [])
        if (lost := _loss(before, behind, entries, back, found_cuts[before, behind], comparison)) is not None:
            yield roster.rule("D57"), lost


def _copies(comparison: Comparison, analysis: Analysis) -> Overall | None:
    """Tell of stretches that deliver segments again and again: for certain where their receivers report it."""
    ways = [
        f"{entered:,} segments entered the way from {before} to {behind}, and {copies:,} copies of them came out"
        for stage in comparison.stages
        for before, behind in [(comparison.points[at].name for at in (stage.before, stage.behind))]
        for copies, entered in [(stage.total(Fate.DUPLICATED), sum(stage.entered.values()))]
        if copies >= MANY and copies * _MULTIPLIED >= entered
    ]
    if not ways:
        return None
    examples, count = comparison.troubled(_SOME)
    reported = sum(is_shown(analysis.connection(id), Fact.GOT_TWICE) for id in examples)
    return Overall(
        fault=Fault.PATH,
        explanation=f"{'; '.join(ways)}: something between these points multiplies frames.",
        rivals=(
            LOOP,
            REPEATS,
            unlikely(_MIRROR, "hosts report octets that they got twice")
            if 2 * reported >= len(examples)
            else still_open(_MIRROR),
            ruled_out("ends that repeat what had arrived", "the point before holds each once"),
        ),
        advice=advise(ADVICE),
        count=count,
        examples=tuple(examples),
    )


def _loss(
    before: int,
    behind: int,
    entries: Sequence[Entry],
    back: Sequence[Entry],
    while_cut: Sequence[WayCut],
    comparison: Comparison,
) -> Overall | None:
    """Tell of segments that are lost in the midst of others, on whichever connection."""
    spared = [one for one in entries if one.is_certain and not is_within(while_cut, one)]
    lost = [one for one in _in_the_midst(spared) if one.kind not in ("SYN", "SYN-ACK")]
    if len(lost) < _SOME or len(lost) * _PERCENT < len(spared):
        return None
    here, there = (comparison.points[at].name for at in (before, behind))
    ids = frozenset(one.id for one in lost)
    lost_back = sum(one.is_lost for one in back)
    other_way = f" The other way lost {lost_back or 'none'} of {len(back):,} segments." if back else ""
    told, rivals = _like_a_queue(entries, lost)
    return Overall(
        severity=Severity.WARNING if len(lost) * _GRAVE >= len(spared) else None,
        fault=Fault.PATH,
        explanation=f"{percent(len(lost), len(spared))} of what {here} holds was lost before {there}, in the midst "
        f"of others that passed: {len(lost):,} of {len(spared):,} segments of {some(len(ids), 'connection')}, bare "
        f"acknowledgements and resets left aside.{told}{other_way}",
        rivals=(*rivals, ruled_out("a tap that misses packets", "the ends sent again what was missing")),
        advice=advise(
            "Look at the devices between these two points: counters of drops and errors on each port, policers, and "
            "queues. A capture between them narrows it down further."
        ),
        count=len(ids),
        examples=tuple(sorted(ids)),
        replaces=frozenset({"D57"}),
        absorbs=ids,
    )


def _in_the_midst(entries: Sequence[Entry]) -> list[Entry]:
    """Return what was lost though its sender's later segments on the connection passed, as large ones among them.

    Where all that is lost is larger than all that passed, size is the reason (D24).
    """
    passed = as_large_passed(entries)
    return [
        one for one in entries if one.is_lost and _is_amid(one, *passed.get((one.id, one.sender), (0, 0)))
    ]


def _is_amid(one: Entry, largest: int, last_ns: int) -> bool:
    return last_ns > one.time_ns and one.payload <= largest


def _like_a_queue(entries: Sequence[Entry], lost: Sequence[Entry]) -> tuple[str, tuple[Rival, ...]]:
    """Say by the delay of what passed just before whether a queue was full, and name what loses so."""
    best = min((one.delay_ns for one in entries if not one.is_lost), default=0)
    before: list[int] = []
    passed: Entry | None = None
    for one in entries:
        if not one.is_lost:
            passed = one
        elif passed is not None and one.time_ns - passed.time_ns <= _JUST:
            before.append(passed.delay_ns)
    if len(before) * 2 < len(lost):
        return "", ()
    then = middle(before)
    told = f" The way took {span(then)} just before, and {span(best)} at best:"
    if then >= _GREW * best and then - best >= _NOTICED:
        return f"{told} a queue ran over.", (cause("a queue that is full", "the way was slow just before"),)
    return f"{told} no queue grew first.", (
        cause("a policer, or a queue that is short"),
        cause("a radio link, a bad cable or an adapter with errors"),
    )
