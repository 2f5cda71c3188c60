"""The points of the captures, the offsets of their clocks, and their common connections."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from wirestat.crossing import Clock, Point, share_nothing
from wirestat.report.compared.build import Compared
from wirestat.report.layout import GAP, View, paragraph, row
from wirestat.spans import span
from wirestat.words import some

_PPM = 1_000_000


def lines(compared: Compared, view: View) -> Iterator[str]:
    """Yield the path, a line for each clock, and the connections by where they were captured."""
    comparison = compared.comparison
    order = " → ".join(compared.name(point) for point in comparison.path)
    yield view.paint("title", "from client to server: ") + order
    if comparison.path != tuple(range(len(comparison.points))):
        yield f"{GAP}the captures were given in another order; segments show this one"
    if comparison.backward:
        yield f"{GAP}{some(comparison.backward, 'connection')} opened in the other direction"
    for point, one in enumerate(comparison.points[1:], 1):
        before = compared.name(point - 1)
        yield from row(f"clock of {one.name}: {_clock(one.clock, before)}", GAP, view)
    yield from _shared(compared, view)
    for one in comparison.points:
        if one.beyond:
            yield f"! {some(one.beyond, 'segment')} of {one.name} beyond --max-segments"
    if comparison.torn:
        yield f"! {some(comparison.torn, 'connection')} not compared for want of room: --max-segments"


def _clock(clock: Clock | None, before: str) -> str:
    if clock is None:
        return f"unknown, nothing was captured both there and at {before}"
    ahead = clock.offset_ns >= 0
    words = f"{duration(abs(clock.offset_ns))} {'ahead of' if ahead else 'behind'} {before}"
    if clock.uncertainty_ns is None:
        words += ", less the shortest delay, as only one direction was captured at both"
    else:
        words += f" ± {span(clock.uncertainty_ns)}"
    if clock.drift:
        words += f", {'gaining' if clock.drift > 0 else 'losing'} {abs(clock.drift) * _PPM:.3g} ppm"
    if clock.stepped:
        words += "; one of the two was set meanwhile, so that delays are not to be trusted"
    return f"{words}; from {some(clock.samples, 'segment')}"


def duration(nanoseconds: int) -> str:
    """Write a clock's offset, with more digits from seconds on.

    >>> duration(3_540), duration(10_800_002_000_000)
    ('4 µs', '10800.002 s')
    """
    return span(nanoseconds) if nanoseconds < 10**9 else f"{nanoseconds / 10**9:.3f} s"


def _shared(compared: Compared, view: View) -> Iterator[str]:
    comparison = compared.comparison
    everywhere = tuple(range(len(comparison.points)))
    shared = comparison.presence.get(everywhere, 0)
    yield f"{some(shared, 'connection')} captured at every point"
    for points, number in comparison.presence.items():
        if points != everywhere:
            where = " and ".join(compared.name(point) for point in points)
            yield f"{GAP}{number:,} only at {where}"
    if share_nothing(comparison):
        apart = (
            ", and by their clocks one ended before the other began" if _are_apart(comparison.points) else ""
        )
        strange = (
            "unless all was lost between them, or a proxy there opens connections of its own, they are not of the "
            "same traffic"
        )
        yield from paragraph(
            f"! no connection is in two captures{apart}: {strange}", "", view.width, hang=GAP
        )
    for how, number in comparison.known_by.items():
        if how != "addresses":
            yield f"{GAP}{number:,} known by {how}"


def _are_apart(points: Sequence[Point]) -> bool:
    """Tell whether no two of the captures ran at the same time, by their clocks."""
    spans = sorted(
        (one.first_time_ns, one.last_time_ns)
        for one in points
        if one.first_time_ns is not None and one.last_time_ns is not None
    )
    return all(before[1] < after[0] for before, after in pairwise(spans))
