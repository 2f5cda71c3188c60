"""Plain command lines: captures to analyze, and ``--summary`` and ``--jobs``. They are parsed without click.

Reading a small capture takes less time than loading click. Other command lines go to click; a test checks that both
parse a plain line alike.
"""

from __future__ import annotations

import os
from typing import Any

from wirestat.commands.known import DEFAULT, VERBS
from wirestat.commands.lean import load_msgspec
from wirestat.jobs import MOST

_SUMMARY = "--summary"
_JOBS = "--jobs"
_STEERING = ("WIRESTAT_TSHARK", "_WIRESTAT_COMPLETE")
"""Environment variables that click uses."""


def read(arguments: list[str]) -> dict[str, Any] | None:
    """Return the values of ``wirestat analyze``; ``None`` if click must parse the arguments."""
    if any(name in os.environ for name in _STEERING):
        return None
    named = arguments[1:] if arguments[:1] == [DEFAULT] else arguments
    if named is arguments and named and named[0] in VERBS:
        return None
    values: dict[str, Any] = {"summary": False, "jobs": None}
    captures = []
    rest = iter(named)
    for one in rest:
        name, equals, value = one.partition("=")
        if one == _SUMMARY:
            values["summary"] = True
        elif name == _JOBS:
            values["jobs"] = _number(value if equals else next(rest, ""))
            if values["jobs"] is None:
                return None
        elif one.startswith("-"):
            return None
        else:
            captures.append(one)
    if not captures:
        return None
    load_msgspec()
    return {**_defaults(), **values, "captures": tuple(captures)}


def _number(value: str) -> int | None:
    """Return a number of jobs; ``None`` for all that click must judge."""
    is_short_number = value.isascii() and value.isdigit() and len(value) <= len(str(MOST))
    return int(value) if is_short_number and 1 <= int(value) <= MOST else None


def _defaults() -> dict[str, Any]:
    """Return the values of options that are not given."""
    from wirestat.capture.engines import ENGINES
    from wirestat.names import Dialect
    from wirestat.report.layout import LIMIT
    from wirestat.timers import LINUX

    absent = (
        "capture_filter", "tshark", "display_filter", "where", "format", "html_limit", "output", "at", "connection",
        "finding", "zone", "fail_on", "max_connections",
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
