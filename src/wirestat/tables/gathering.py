"""Concatenated tables of many trackers: many small tables would cost more than their rows."""

from __future__ import annotations

from collections.abc import Iterator

from wirestat import _core
from wirestat.tables.reading import BATCH, typed
from wirestat.tables.table import Table
from wirestat.tracker import Tracker

TABLES = ("connections", "transitions")


class Gathering:
    """The tables ``connections`` and ``transitions``, with all of their columns."""

    def __init__(self) -> None:
        """Begin without rows."""
        self._core = _core.Gatherer([(name, None) for name in TABLES])
        self.rows = dict.fromkeys(TABLES, 0)
        """Rows of each so far, those included that were taken."""
        self._waiting = dict.fromkeys(TABLES, 0)

    def add(self, tracker: Tracker, chosen: bytes | None = None) -> Iterator[dict[str, Table]]:
        """Add the connections of a tracker in the order of ids; yield tables whenever they are large.

        ``chosen`` has a byte for each connection of the tracker in the order of ids: 0 leaves it out.

        Raises:
            ValueError: ``chosen`` is too long or too short.
        """
        for start in range(0, tracker.kept(), BATCH):
            waiting = dict(zip(TABLES, self._core.add(tracker.core, (start, BATCH), chosen), strict=True))
            for name in TABLES:
                self.rows[name] += waiting[name] - self._waiting[name]
            self._waiting = waiting
            if waiting[TABLES[0]] >= BATCH:
                yield self.take()

    def take(self) -> dict[str, Table]:
        """Return what was added since tables were taken; it may have no rows."""
        self._waiting = dict.fromkeys(TABLES, 0)
        return typed(*self._core.take())
