"""Figures on paper."""

from collections.abc import Iterable, Mapping, Sequence

from bench.bars import Bar
from bench.process import Cost


def costs(measured: Mapping[str, Cost], reference: str) -> Iterable[str]:
    """Yield a table of costs, with their ratios to those of the ``reference``."""
    unit = measured[reference]
    rows = [
        (
            name,
            f"{cost.wall:.3f}",
            f"{cost.cpu:.3f}",
            f"{cost.peak / 1e6:.0f}",
            f"{cost.wall / unit.wall:.2f}",
            f"{cost.cpu / unit.cpu:.2f}",
            f"{cost.peak / unit.peak:.2f}",
        )
        for name, cost in measured.items()
    ]
    return _aligned([("", "wall s", "CPU s", "peak MB", "x wall", "x CPU", "x peak"), *rows])


def bars(judged: Iterable[Bar]) -> Iterable[str]:
    """Yield a line for each promise."""
    rows = [
        (
            bar.promise,
            f"{bar.figure:.2f} {bar.unit}",
            f"{'at least' if bar.at_least else 'at most'} {bar.limit:g} {bar.unit}",
            "holds" if bar.holds else "FAILS",
        )
        for bar in judged
    ]
    return _aligned(rows)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *cells))
