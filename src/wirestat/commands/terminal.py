"""How a text may look: as wide as the terminal that it goes to, and in colour there alone."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from wirestat.report.layout import View

PIPED_WIDTH = 100
"""Columns where there is no terminal to ask."""
WIDEST = 120
"""Prose is not easier to read on lines longer than this."""


def width() -> int:
    """Return the columns of the terminal, as far as it is good to use them."""
    asked = os.environ.get("COLUMNS", "")
    columns = int(asked) if asked.isdecimal() else 0
    if not columns and sys.__stdout__ is not None:
        # As shutil does it, which brings three compressors along.
        with suppress(OSError, ValueError):
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns
    return min(columns or PIPED_WIDTH, WIDEST)


def view(output: str | os.PathLike[str] | None = None, stream: TextIO | None = None, **wishes: Any) -> View:
    """Return the view that a verb writes by.

    Args:
        output: the file that the text goes to; ``None`` where it goes to a stream.
        stream: that stream, if it is not standard output.
        wishes: fields of the view that the verb's own options set.
    """
    from wirestat.report.layout import View
    from wirestat.report.paint import Paint, paint_for
    from wirestat.version import __version__

    if output is not None:
        return View(width=PIPED_WIDTH, version=__version__, **wishes)
    paint: Paint = paint_for(stream or sys.stdout, dict(os.environ))
    return View(width=width(), paint=paint, version=__version__, **wishes)
