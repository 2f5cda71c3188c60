"""Columns and paragraphs in plain text, and the view that every text renderer gets."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from wirestat.names import Dialect
from wirestat.report.paint import Paint
from wirestat.zones import IN_UTC, Zone

GAP = "  "
LIMIT = 10
"""The default maximum of rows in a list."""
NARROWEST = 40
"""Below this width the terminal breaks lines."""
_BLANKS = str.maketrans("\n\v\f\r", "    ")


class View(msgspec.Struct, frozen=True):
    """The settings for rendering a report."""

    width: int = 100
    """Width in columns."""
    names: Dialect = Dialect.LINUX
    limit: int | None = LIMIT
    """Maximum rows of a list; ``None`` for all."""
    paint: Paint = msgspec.field(default_factory=Paint)
    full: bool = False
    """Whether to print all details."""
    folds: bool = False
    """Whether a row of a list may take several lines: only for people, as programs expect one."""
    most_bytes: int | None = None
    """Maximum bytes of a page; ``None`` for no limit."""
    beside: Any = None
    """A ``Beside``, the comparison with this host's kernel; ``None`` if the kernel is not asked."""
    everything: bool = False
    """Whether to list also connections that only that kernel knows."""
    where: str = ""
    """The filter expression of the listed connections; empty for all."""
    zone: Zone = IN_UTC
    """The time zone of times."""
    is_live: bool = False
    """Whether the capture is running: then nothing is offered that only files have."""
    version: str = ""
    """The version of wirestat, for formats that name it."""


def paragraph(text: str, indent: str, width: int, hang: str = "") -> Iterator[str]:
    """Break a text into lines of at most ``width`` columns, each indented, all but the first by ``hang`` more.

    Words are never broken. The result is that of ``textwrap``, whose patterns take longer to compile than a small
    report takes to be written.
    """
    width = max(width, NARROWEST)
    line, blanks, is_begun = indent, "", False
    for word in text.expandtabs().translate(_BLANKS).split(" "):
        if not word:
            blanks += " "  # there were several
            continue
        if not is_begun:
            line, is_begun = line + word, True
        elif len(line) + len(blanks) + len(word) <= width:
            line += blanks + word
        else:
            yield line
            line = indent + hang + word
        blanks = " "
    if is_begun:
        yield line


def row(text: str, indent: str, view: View) -> Iterator[str]:
    """Lay out one row of a list, broken only if the view folds."""
    if view.folds:
        yield from paragraph(text, indent, view.width, hang=GAP)
    else:
        yield indent + text


def advice(text: str, indent: str, view: View) -> Iterator[str]:
    """Lay out advice: a paragraph after an arrow, then its commands, unbroken, so that they can be copied."""
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
    """Say how many rows were left out and how to see them, or one of them; nothing if none were."""
    if shown < total and view.is_live:
        yield f"{GAP}… and {total - shown:,} more: -w FILE keeps what 'wirestat FILE' then shows"
    elif shown < total:
        one = ", --connection ID draws one as a ladder" if connections else ""
        yield f"{GAP}… and {total - shown:,} more: --limit 0 shows all{one}"
