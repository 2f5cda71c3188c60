"""Events between the points: losses by kind of segment, one-way delays, and what was changed."""

from collections.abc import Iterator, Mapping

from wirestat.crossing import Change, Changed, Fate, Stage
from wirestat.report.compared.build import Compared
from wirestat.report.layout import GAP, View, paragraph, row
from wirestat.spans import span
from wirestat.words import some

_TOLD = {
    Fate.LOST: "lost",
    Fate.INJECTED: "injected",
    Fate.DUPLICATED: "duplicated",
    Fate.MISSED: "not captured though they passed",
    Fate.TWICE: "captured twice before it",
    Fate.OUTSIDE: "beyond the time of the other capture",
}
_GAPS = 100
"""A capture that misses one in this many of the segments that passed it does not prove that others did not pass."""
_FIELDS = {
    "mss": "MSS",
    "window-scale": "window scale",
    "sack-permitted": "SACK permitted",
    "timestamps": "time stamps",
    "timestamp-value": "time stamp values",
    "fast-open": "Fast Open",
    "window": "window",
    "flags": "flags",
    "sequence-numbers": "sequence numbers",
    "ip-id": "IP-ID",
    "ttl": "TTL",
}


def lines(compared: Compared, view: View) -> Iterator[str]:
    """Give a paragraph for each stage and direction, along the path first."""
    path = compared.comparison.path
    rank = {point: place for place, point in enumerate(path)}
    stages = sorted(
        compared.comparison.stages,
        key=lambda stage: (
            rank[stage.before] > rank[stage.behind],
            rank[stage.before] * (1, -1)[rank[stage.before] > rank[stage.behind]],
        ),
    )
    for stage in stages:
        title = compared.stage(stage.before, stage.behind)
        first, *rest = row(f"{title}: {_delays(stage)}", "", view)
        yield first.replace(title, view.paint("title", title), 1)
        yield from rest
        for text in (*_fates(stage, compared), *_late(stage)):
            yield from paragraph(text, GAP, view.width, hang=GAP)
        if changes := [change(item) for item in stage.changes]:
            yield from paragraph(f"changed: {', '.join(changes)}", GAP, view.width, hang=GAP)


def _delays(stage: Stage) -> str:
    passed = some(stage.delays.count, "segment")
    if stage.delays.least is None or stage.delays.median is None or stage.delays.p99 is None:
        return f"{passed} passed"
    least, median, p99 = (span(ns) for ns in (stage.delays.least, stage.delays.median, stage.delays.p99))
    return f"{passed} passed in {least} at least, {median} in the middle, {p99} for 99 %"


def _fates(stage: Stage, compared: Compared) -> Iterator[str]:
    entered = sum(stage.entered.values())
    lacking = {Fate.LOST: stage.behind, Fate.INJECTED: stage.before}
    for fate, words in _TOLD.items():
        if total := stage.total(fate):
            share = f" of {entered:,} ({total / entered:.2%})" if fate is Fate.LOST and entered else ""
            doubt = _gaps(lacking[fate], compared) if fate in lacking else ""
            yield f"{total:,}{share} {words}: {kinds(stage.fates[fate])}{doubt}"


def _gaps(point: int, compared: Compared) -> str:
    """Say that a capture lacks segments that passed it, so that what else it lacks may have passed as well."""
    stages = compared.comparison.stages
    missed = sum(stage.total(Fate.MISSED) for stage in stages if stage.behind == point)
    held = sum(stage.delays.count for stage in stages if point in (stage.before, stage.behind))
    if not missed or missed * _GAPS < missed + held:
        return ""
    share = f"{missed / (missed + held):.1%}"
    return f"; some perhaps only not captured: {compared.name(point)} lacks {share} of those that surely passed it"


def _late(stage: Stage) -> Iterator[str]:
    if stage.reordered:
        yield f"{stage.reordered:,} overtaken"
    if stage.delayed:
        yield f"{stage.delayed:,} held up"
    if stage.in_pieces:
        yield f"{stage.in_pieces:,} cut or joined (offload)"


def kinds(counts: Mapping[str, int]) -> str:
    """Count segments by kind.

    >>> kinds({"SYN": 1, "data": 12})
    '1 SYN, 12 data'
    """
    return ", ".join(f"{number:,} {kind}" for kind, number in counts.items())


def change(item: Changed) -> str:
    """Write what was changed, with the first values and how often.

    >>> change(Changed(3, 1, Change("mss", 1460, 1380)))
    'MSS 1460 → 1380 (3)'
    """
    return f"{field(item.change)} ({item.count:,})"


def field(item: Change) -> str:
    """Write one change.

    >>> field(Change("window-scale", 7, None))
    'window scale 7 → none'
    """
    before, behind = ("none" if value is None else str(value) for value in (item.before, item.behind))
    return f"{_FIELDS[item.field]} {before} → {behind}"
