"""Tracking, and a walk over all connections: ``python -m bench.walk FILE nothing|columns|ndjson|sizes``."""

import sys
from collections.abc import Callable

from wirestat.capture.native import NativeSource
from wirestat.report.build import assemble
from wirestat.report.conformance import conformance
from wirestat.report.connections import LINES, records
from wirestat.tables import Table
from wirestat.timers import LINUX
from wirestat.tracked import Tracked
from wirestat.tracker import Tracker

TABLES = dict.fromkeys(("connections", "transitions", "facts"))
"""The columns of connections that are read."""


def tracked(path: str) -> Tracked:
    """Read a capture and keep every connection."""
    tracker = Tracker(LINUX)
    source = NativeSource([path])
    source.drain(tracker.core)
    return Tracked(source, tracker, LINUX, "all")


def columns(analysis: Tracked) -> dict[str, Table]:
    """Take all columns of all connections, and hold them at one time."""
    return analysis.tables(TABLES)


def ndjson(analysis: Tracked) -> None:
    """Write all connections as NDJSON."""
    report = assemble(analysis, (), conformance(analysis.summary))
    sys.stdout.buffer.writelines(records(report, LINES))


def sizes(analysis: Tracked) -> None:
    """Print how many connections there are, and how many bytes all their columns take up."""
    tables = columns(analysis).values()
    raw = sum(len(column.values) for table in tables for column in table.columns.values())
    print(analysis.summary.connections, raw)


SIZES = "sizes"
WALKS: dict[str, Callable[[Tracked], object]] = {
    "nothing": lambda _: None,
    "columns": columns,
    "ndjson": ndjson,
}


def _main(path: str, how: str) -> None:
    analysis = tracked(path)
    assert analysis.summary.connections  # all walks begin behind it
    walk = sizes if how == SIZES else WALKS[how]
    walk(analysis)


if __name__ == "__main__":
    _main(*sys.argv[1:])
