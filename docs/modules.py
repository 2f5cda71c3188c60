"""The picture of the rooms of the core and of the package: who imports whom, drawn from the sources."""

import ast
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from imports import Graph, between, circles, essential, of_core, of_python

from wirestat.report.draw.svg import document, element, label, titled

SOURCES = Path(__file__).parent.parent / "src"
_ROOMS_OF_TCP = ("machine", "end", "connection", "reading")
_MODULES = (
    "analysis",
    "beside",
    "comparison",
    "crossing",
    "join",
    "model",
    "preserved",
    "rfc9293",
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
"""What stands in a row: a room by its name alone, or an arrow that passes by, by its ends and the row."""


class Room(NamedTuple):
    """A box: its module, what is written in it, and the sentence that it begins with."""

    module: str
    name: str
    purpose: str


def core() -> Iterator[str]:
    """Yield the picture of the core."""
    graph = of_core(SOURCES / "core")
    modules = {name.partition("::")[0] for name in graph} - {"tcp"} | {f"tcp::{one}" for one in _ROOMS_OF_TCP}
    rooms = [Room(name, name, _sentence(_of_core(name))) for name in sorted(modules)]
    yield from _picture("The rooms of the core", rooms, between(graph, modules, "::"))


def package() -> Iterator[str]:
    """Yield the picture of the Python package."""
    folder = SOURCES / "wirestat"
    names = sorted({path.parent.name for path in folder.glob("*/__init__.py")} | set(_MODULES))
    rooms = [Room(f"wirestat.{name}", name, _sentence(_of_python(folder, name))) for name in names]
    graph = of_python(folder)
    graph.pop("wirestat")  # the facade, which everybody may ask for the version
    yield from _picture(
        "The rooms of the package", rooms, between(graph, (room.module for room in rooms), ".")
    )


def _of_core(name: str) -> str:
    path = SOURCES / "core" / name.replace("::", "/")
    path = path / "mod.rs" if path.is_dir() else path.with_suffix(".rs")
    lines = path.read_text(encoding="utf-8").splitlines()
    return " ".join(line.removeprefix("//!").strip() for line in lines if line.startswith("//!"))


def _of_python(folder: Path, name: str) -> str:
    path = folder / name / "__init__.py"
    path = path if path.exists() else folder / f"{name}.py"
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def _sentence(text: str) -> str:
    return re.split(r"(?<=\.)\s", " ".join(text.split()))[0]


def _picture(title: str, rooms: list[Room], graph: Graph) -> Iterator[str]:
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
    parts += [part for room in rooms for part in _box(room, *places[room.module,])]
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


def _box(room: Room, x: float, y: float) -> Iterator[str]:
    yield element(
        "rect", titled(textwrap.shorten(room.purpose, 160)), x=x - _WIDE / 2, y=y - _HIGH / 2, width=_WIDE,
        height=_HIGH, rx=8, class_="f-ground s-box",
    )  # fmt: skip
    yield label(room.name, x, y + 4, "f-ink strong", "middle")
