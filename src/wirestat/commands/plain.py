"""Plain command lines: captures to analyze and nothing else, or ``--summary``. They are read without click.

Small captures are read in less time than click takes to load. Whatever is not plain goes to click; a test holds
that both read a plain line alike.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from wirestat.commands.known import DEFAULT, VERBS

_SUMMARY = "--summary"
_STEERING = ("WIRESTAT_TSHARK", "_WIRESTAT_COMPLETE")
"""Variables that click looks for."""


def read(arguments: list[str]) -> dict[str, Any] | None:
    """Return the values of ``wirestat analyze``; ``None`` where click has to read the arguments."""
    if any(name in os.environ for name in _STEERING):
        return None
    named = arguments[1:] if arguments[:1] == [DEFAULT] else arguments
    if named is arguments and named and named[0] in VERBS:
        return None
    captures = tuple(one for one in named if one != _SUMMARY)
    if not captures or any(one.startswith("-") for one in captures):
        return None
    _load_msgspec()
    return {**_defaults(), "captures": captures, "summary": _SUMMARY in named}


def _load_msgspec() -> None:
    """Load msgspec as if typing_extensions were not there: Python's own typing has all that it takes from it.

    That and what it brings along would take a tenth of the time of a small capture.
    """
    name = "typing_extensions"
    if name in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment]  # as Python says that there is no such module
    try:
        import_module("msgspec")
    finally:
        del sys.modules[name]


def _defaults() -> dict[str, Any]:
    """Return the values of options that are not given."""
    from wirestat.capture.engines import ENGINES
    from wirestat.names import Dialect
    from wirestat.report.layout import LIMIT
    from wirestat.timers import LINUX

    absent = (
        "capture_filter", "tshark", "display_filter", "where", "format", "html_limit", "output", "at", "connection",
        "finding", "zone", "fail_on", "max_connections", "jobs",
    )  # fmt: skip
    return {
        **dict.fromkeys(absent),
        **dict.fromkeys(("read", "tables", "changes"), ()),
        "engine": ENGINES[0],
        "states": frozenset(),
        "names": Dialect.LINUX.value,
        "timers": LINUX.name,
        "limit": LIMIT,
        "numeric": 0,
    }
