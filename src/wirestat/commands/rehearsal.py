"""Loads all code of a live capture before privileges are given up: only root may be able to read the package.

Libraries import lazily, so an empty report is built and rendered to nowhere.
"""

from __future__ import annotations

import shlex  # noqa: F401  # quotes names in advice
import traceback  # noqa: F401  # for -v, which shows the traceback of a bug
from collections import deque
from typing import TYPE_CHECKING

from wirestat.capture import recording  # noqa: F401  # names later files of a rotation
from wirestat.commands import outcome, session  # noqa: F401  # run the capture, and end it
from wirestat.diagnosis import roster
from wirestat.report import table
from wirestat.report.paint import STYLES

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.report.formats import Format
    from wirestat.report.layout import View


def rehearse(report: Report, format: Format, view: View) -> None:
    """Load all rules, and render an empty report as the real ones will be."""
    roster.every()
    deque[str | bytes](format.render(report, view, lists=False), maxlen=0)
    deque(table.render(report, table.RowChoice(report.end_ns), view), maxlen=0)
    for style in STYLES:
        view.paint(style, "…")
