"""Columns and paragraphs in plain text, and the view that every text renderer is given."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from wirestat.names import Dialect
from wirestat.report.paint import Paint
from wirestat.zones import Zone

GAP = "  "
LIMIT = 10
"""Rows of a list that may run long, unless somebody asks for more."""
NARROWEST = 40
"""Below this width lines are left to the terminal to break."""


class View(msgspec.Struct, frozen=True):
    """How a report is to look: everything about it that is not the report."""

    width: int = 100
    """Columns."""
    names: Dialect = Dialect.LINUX
    limit: int | None = LIMIT
    """Rows of a list that may run long; ``None`` for all of them."""
    paint: Paint = msgspec.field(default_factory=Paint)
    full: bool = False
    """Whether everything is said, and not only what most readers ask for."""
    folds: bool = False
    """Whether a row of a list may take several lines: for eyes alone, as what reads a pipe counts on one."""
    most_bytes: int | None = None
    """How large a page may be; ``None`` where it may be as large as it gets."""
    beside: Any = None
    """A ``Beside``, what the kernel of this host says of its own ends; ``None`` where nobody asks it."""
    everything: bool = False
    """Whether connections are listed, too, that only that kernel tells of."""
    where: str = ""
    """The expression that chooses the connections that are listed; empty where all are."""
    zone: Zone = Zone()
    """The time zone that times are written in."""
    is_live: bool = False
    """Whether it is of a capture under way: then nothing is offered that only files have."""
    version: str = ""
    """The version of wirestat that writes, for formats that name it."""


def paragraph(text: str, indent: str, width: int, hang: str = "") -> Iterator[str]:
    """Break a text into lines of at most ``width`` columns, each indented, all but the first by ``hang`` more.

    Words are never broken.
    """
    yield from textwrap.wrap(
        text,
        max(width, NARROWEST),
        initial_indent=indent,
        subsequent_indent=indent + hang,
        break_long_words=False,
        break_on_hyphens=False,
    )


def row(text: str, indent: str, view: View) -> Iterator[str]:
    """Lay out one row of a list, broken only where the view folds."""
    if view.folds:
        yield from paragraph(text, indent, view.width, hang=GAP)
    else:
        yield indent + text


def advice(text: str, indent: str, view: View) -> Iterator[str]:
    """Lay out an advice: a paragraph behind an arrow, then its commands, whole, so that they can be copied."""
    words, *commands = text.splitlines()
    yield from paragraph(f"→ {words}", indent, view.width, hang=GAP)
    for command in commands:
        yield indent + GAP + view.paint("command", command.strip())


def columns(rows: Sequence[Sequence[str]], align: str) -> Iterator[list[str]]:
    """Pad every cell to its column's width: ``<`` to the left, ``>`` to the right, one sign a column.

    The last column, if it is a left one, is not padded, so that no line ends in blanks.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [f"{cell:{sign}{width}}" for cell, sign, width in zip(row, align, widths, strict=True)]
        if align.endswith("<"):
            cells[-1] = row[-1]
        yield cells


def table(rows: Sequence[Sequence[str]], align: str, indent: str = GAP) -> Iterator[str]:
    """Lay rows out as lines."""
    for cells in columns(rows, align):
        yield (indent + GAP.join(cells)).rstrip()


def more(shown: int, total: int, view: View, *, connections: bool = False) -> Iterator[str]:
    """Say how many rows were left out and how to see them, or one of them; nothing where none were."""
    if shown < total and view.is_live:
        yield f"{GAP}… and {total - shown:,} more: -w FILE keeps what 'wirestat FILE' then shows"
    elif shown < total:
        one = ", --connection ID draws one as a ladder" if connections else ""
        yield f"{GAP}… and {total - shown:,} more: --limit 0 shows all{one}"
