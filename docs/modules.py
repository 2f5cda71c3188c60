"""The picture of the rooms of the core and of the package: who imports whom, drawn from the sources."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from imports import Graph, between, circles, essential, of_core, of_python

from wirestat.report.draw.svg import document, element, label

SOURCES = Path(__file__).parent.parent / "src"
_ROOMS_OF_TCP = ("machine", "end", "connection", "reading")
_MODULES = (
    "beside",
    "comparison",
    "crossing",
    "join",
    "model",
    "preserved",
    "rfc9293",
    "tracked",
    "tracker",
)
"""Modules of the package that are drawn beside its folders: the nouns, and where parts meet."""
_WIDE, _HIGH, _GAP, _APART = 118, 34, 14, 50
"""Of a box, and of the room between two of them, in pixels."""
_BEND = 6
"""The width that is left to an arrow which passes a row."""
_MARGIN = 16
_ROUNDS = 8
"""How often the rows are put in order."""
Spot = tuple[str, ...]
"""An item of a row: a room by its name alone, or an arrow that passes by, by its ends and the row."""


def core() -> Iterator[str]:
    """Yield the picture of the core."""
    graph = of_core(SOURCES / "core")
    modules = {name.partition("::")[0] for name in graph} - {"tcp"} | {f"tcp::{one}" for one in _ROOMS_OF_TCP}
    yield from _picture("The rooms of the core", between(graph, modules, "::"))


def package() -> Iterator[str]:
    """Yield the picture of the Python package."""
    folder = SOURCES / "wirestat"
    names = {path.parent.name for path in folder.glob("*/__init__.py")} | set(_MODULES)
    graph = of_python(folder)
    graph.pop("wirestat")  # the facade, which everybody may ask for the version
    yield from _picture(
        "The rooms of the package", between(graph, (f"wirestat.{name}" for name in names), ".")
    )


def _picture(title: str, graph: Graph) -> Iterator[str]:
    """Yield boxes in rows, each above all that it imports, and an arrow for each import that no other implies.

    Raises:
        ValueError: some rooms import each other.
    """
    if found := circles(graph):
        raise ValueError(f"rooms that import each other: {found}")
    drawn = essential(graph)
    rows, arrows = _rows(drawn)
    places = {
        spot: (x, row * (_HIGH + _APART)) for row, spots in enumerate(rows) for spot, x in _spread(spots)
    }
    left = min(x for x, _ in places.values()) - _WIDE / 2 - _MARGIN
    width = max(x for x, _ in places.values()) + _WIDE / 2 + _MARGIN - left
    places = {spot: (x - left, y + _HIGH / 2 + _MARGIN) for spot, (x, y) in places.items()}
    parts = [_arrow([places[spot] for spot in arrow]) for arrow in arrows]
    parts += [part for name in sorted(graph) for part in _box(name, *places[name,])]
    height = len(rows) * (_HIGH + _APART) - _APART + 2 * _MARGIN
    about = "; ".join(f"{name} imports {', '.join(sorted(below))}" for name, below in drawn.items() if below)
    yield from document((round(width), height), title, about, parts)


def _rows(graph: Graph) -> tuple[list[list[Spot]], list[list[Spot]]]:
    """Return what stands in each row, the topmost first, and the arrows, each as the spots that it leads along."""
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = 1 + max(map(depth, graph[name]), default=-1)
        return depths[name]

    most = max(map(depth, sorted(graph)))
    rows: list[list[Spot]] = [
        [(name,) for name in sorted(graph) if depths[name] == most - row] for row in range(most + 1)
    ]
    arrows = []
    for name in sorted(graph):
        for target in sorted(graph[name]):
            between = range(depths[name] - 1, depths[target], -1)
            bends: list[Spot] = [(name, target, str(row)) for row in between]
            for row, bend in zip(between, bends, strict=True):
                rows[most - row].append(bend)
            arrows.append([(name,), *bends, (target,)])
    _order(rows, arrows)
    return rows, arrows


def _order(rows: list[list[Spot]], arrows: list[list[Spot]]) -> None:
    """Put each spot near those that it has arrows from and to, downward and upward, until nothing gets better."""
    steps = [pair for arrow in arrows for pair in pairwise(arrow)]
    for _ in range(_ROUNDS):
        for downward in (True, False):
            places: dict[Spot, float] = {}
            for row in rows if downward else reversed(rows):
                near: dict[Spot, list[float]] = {spot: [] for spot in row}
                for upper, lower in steps:
                    here, there = (lower, upper) if downward else (upper, lower)
                    if here in near and there in places:
                        near[here].append(places[there])
                old = dict(_spread(row))
                row.sort(key=lambda spot: (fmean(near[spot]) if near[spot] else old[spot], spot))
                places |= dict(_spread(row))


def _spread(row: list[Spot]) -> Iterator[tuple[Spot, float]]:
    """Yield where the middle of each spot stands in its row, the middle of the row being 0."""
    widths = [_WIDE if len(spot) == 1 else _BEND for spot in row]
    x = -(sum(widths) + _GAP * (len(row) - 1)) / 2
    for spot, width in zip(row, widths, strict=True):
        yield spot, x + width / 2
        x += width + _GAP


def _arrow(spots: list[tuple[float, float]]) -> str:
    path = ""
    for number, ((x, y), (there, below)) in enumerate(pairwise(spots)):
        begin, end = y + _HIGH / 2, below - _HIGH / 2 - (2 if number == len(spots) - 2 else 0)
        bend = (begin + end) / 2
        path += f"{'L' if path else 'M'}{x:g} {begin:g}C{x:g} {bend:g} {there:g} {bend:g} {there:g} {end:g}"
    return element("path", d=path, class_="s-faint", stroke_width=1.2, marker_end="url(#head-faint)")


def _box(name: str, x: float, y: float) -> Iterator[str]:
    left, top = x - _WIDE / 2, y - _HIGH / 2
    yield element("rect", x=left, y=top, width=_WIDE, height=_HIGH, rx=8, class_="f-ground s-box")
    yield label(name.removeprefix("wirestat."), x, y + 4, "f-ink strong", "middle")
