"""Cells of fixed width: texts cut and padded, and columns that are left out on narrow screens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from wirestat.tui.styles import FAINT, PLAIN

GAP = 2
"""Columns between two cells."""
BARS = " ▁▂▃▄▅▆▇█"


class ListColumn(NamedTuple):
    """A column of a list."""

    title: str
    width: int
    """Minimum width."""
    align: Literal["<", ">"] = "<"
    rank: int = 0
    """The order in which it is left out on narrow screens: the highest first, 0 never."""
    most: int = 0
    """Maximum width if there is room; 0 if it does not grow."""


class Cell(NamedTuple):
    """A text and its style."""

    text: str
    style: Style = PLAIN


def fit(columns: Sequence[ListColumn], width: int) -> list[int]:
    """Return the width of each column; 0 for one that is left out.

    >>> fit([ListColumn("id", 4), ListColumn("name", 10, most=30), ListColumn("more", 20, rank=1)], 30)
    [4, 24, 0]
    """
    shown = list(range(len(columns)))
    while _needed(columns, shown) > width and (spare := [place for place in shown if columns[place].rank]):
        shown.remove(max(spare, key=lambda place: columns[place].rank))
    widths = [column.width if place in shown else 0 for place, column in enumerate(columns)]
    left = width - _needed(columns, shown)
    growing = [place for place in shown if columns[place].most > columns[place].width]
    while left > 0 and growing:
        share = max(1, left // len(growing))
        for place in list(growing):
            more = min(share, left, columns[place].most - widths[place])
            widths[place] += more
            left -= more
            if widths[place] >= columns[place].most:
                growing.remove(place)
            if left <= 0:
                break
    return widths


def _needed(columns: Sequence[ListColumn], shown: Sequence[int]) -> int:
    return sum(columns[place].width for place in shown) + GAP * max(0, len(shown) - 1)


def segments(columns: Sequence[ListColumn], widths: Sequence[int], cells: Sequence[Cell]) -> list[Segment]:
    """Lay cells out, each as wide as its column."""
    line: list[Segment] = []
    for column, width, cell in zip(columns, widths, cells, strict=True):
        if not width:
            continue
        if line:
            line.append(Segment(" " * GAP))
        line.append(Segment(padded(cell.text, width, column.align), cell.style))
    return line


def titles(columns: Sequence[ListColumn], width: int) -> list[Segment]:
    """Lay out the column names in a line of that width."""
    return segments(columns, fit(columns, width), [Cell(column.title, FAINT) for column in columns])


def padded(text: str, width: int, align: str = "<") -> str:
    """Cut a text to a width, with an ellipsis, or pad it.

    >>> padded("ESTABLISHED", 6), padded("12", 5, ">")
    ('ESTAB…', '   12')
    """
    taken = cell_len(text)
    if taken > width:
        return set_cell_size(text, width - 1) + "…" if width > 1 else "…"[:width]
    return " " * (width - taken) + text if align == ">" else text + " " * (width - taken)


def sparkline(values: Sequence[int], width: int) -> str:
    """Draw values as bars, the highest one line high; if there are more values than columns, only some.

    >>> sparkline([0, 1, 4, 8], 6)
    '   ▁▄█'
    """
    shown = spread(values, width) if len(values) > width else list(values)
    most = max(shown, default=0) or 1
    drawn = "".join(BARS[0 if value <= 0 else max(1, round(value * 8 / most))] for value in shown)
    return drawn.rjust(max(width, 0))


def spread(values: Sequence[int], width: int) -> list[int]:
    """Resample values to a given number, each the nearest to its place.

    >>> spread([1, 2, 3, 4], 2), spread([7], 3)
    ([1, 3], [7, 7, 7])
    """
    return [values[place * len(values) // width] for place in range(width)] if values else []


def short(nanoseconds: int) -> str:
    """Write a duration in at most five columns: from ten of a unit on without the next smaller one.

    >>> short(450_000_000), short(12_300_000_000), short(3_700 * 10**9), short(200_000 * 10**9)
    ('0.5s', '12s', '1h 1m', '2d 7h')
    >>> short(599 * 10**9), short(725 * 10**9), short(12 * 3600 * 10**9), short(2_884 * 86_400 * 10**9)
    ('9m59s', '12m', '12h', '2884d')
    """
    seconds = max(0, nanoseconds) / 1e9
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        minutes = whole // 60
        return f"{minutes}m{whole % 60:02}s" if minutes < 10 else f"{minutes}m"
    if whole < 86_400:
        hours = whole // 3600
        return f"{hours}h{whole % 3600 // 60:2}m" if hours < 10 else f"{hours}h"
    days = whole // 86_400
    return f"{days}d{whole % 86_400 // 3600:2}h" if days < 10 else f"{min(days, 9_999)}d"
