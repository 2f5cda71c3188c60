"""Text output: as wide as the terminal, and coloured only there."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from wirestat.report.layout import View

PIPED_WIDTH = 100
"""Columns without a terminal."""
WIDEST = 120
"""The maximum width of prose: longer lines are harder to read."""


def width() -> int:
    """Return the columns of the terminal, up to the maximum."""
    asked = os.environ.get("COLUMNS", "")
    columns = int(asked) if asked.isdecimal() else 0
    if not columns and sys.__stdout__ is not None:
        # The same as ``shutil.get_terminal_size``, but importing shutil loads three compressors.
        with suppress(OSError, ValueError):
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns
    return min(columns or PIPED_WIDTH, WIDEST)


def view(output: str | os.PathLike[str] | None = None, stream: TextIO | None = None, **wishes: Any) -> View:
    """Return the view for a verb's output.

    Args:
        output: the file that the text goes to; ``None`` for a stream.
        stream: that stream, if not standard output.
        wishes: fields of the view set by the verb's own options.
    """
    from wirestat.report.layout import View
    from wirestat.report.paint import Paint, paint_for
    from wirestat.version import __version__

    if output is not None:
        return View(width=PIPED_WIDTH, version=__version__, **wishes)
    paint: Paint = paint_for(stream or sys.stdout, dict(os.environ))
    return View(width=width(), paint=paint, version=__version__, **wishes)
