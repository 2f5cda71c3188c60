"""The figures of each connection: everything but its states, as known when the interval or the connection ended."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wirestat.history.changes import FIELD as CHANGES, WANTED, changes
from wirestat.model import Severity
from wirestat.tables import SCHEMA, Column, Field, Layout, Table, making
from wirestat.tables.making import column, time

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.tracker import Tracker

_IN_SPANS = ("address", "port", "state", "evidence", "since_ns")
_OF_THE_END = ("confirmed", "or_since")
"""Columns about the last state, which would mislead beside the states of an instant."""
_LEFT_OUT = frozenset(f"{end}_{name}" for end in ("client", "server") for name in _IN_SPANS + _OF_THE_END)

_MANY = 8192
"""The batch of departed connections to record: a small table is mostly column names."""
_MOST = 200_000
"""Maximum recorded connections in memory, some 80 MB: beyond that the interval ends early."""

_SEVERITIES = tuple(map(str, Severity))
_TAKEN = {"connections": None, "transitions": WANTED}


def _set(name: str, meaning: str, names: Sequence[str]) -> Field:
    return Field(name, "set", -(-len(names) // 8), None, None, name, meaning)


_FINDINGS = _set("findings", "Diagnoses of the findings that spoke of it, as in D05.", ())
_SEVERE = _set("severities", "How bad those findings were: info, note, warning, error.", _SEVERITIES)

LAYOUT = Layout(
    "figures",
    "A connection a row: what was known of it when the interval ended, or the connection did.",
    (
        time("session", "When the capture began: ids count from 1 in each."),
        *(field for field in SCHEMA["connections"].fields if field.name not in _LEFT_OUT),
        CHANGES,
        _FINDINGS,
        _SEVERE,
    ),
)
"""The description of the table."""

NAMES = frozenset(field.name for field in LAYOUT.fields)
"""Its columns."""


def beside(spans: Path) -> Path:
    """Return the path of an interval's figures, given that of its spans."""
    return spans.with_name(spans.name.replace("spans", "figures", 1))


class Figures:
    """The figures of one capture: those of connections that leave the tracker are taken down before."""

    def __init__(self, tracker: Tracker, session_ns: int) -> None:
        """Have the tracker queue connections that leave it. ``session_ns`` is when the capture began."""
        tracker.keep_gone()
        self._tracker = tracker
        self._session_ns = session_ns
        self._gone: list[tuple[Table, Column]] = []

    @property
    def is_much(self) -> bool:
        """Whether so much is pending that the interval should end."""
        return sum(table.rows for table, _ in self._gone) >= _MOST

    @property
    def lost(self) -> int:
        """The number of connections that left too fast to be recorded."""
        return self._tracker.gone()[1]

    def gather(self, least: int = _MANY) -> None:
        """Record those that have left the tracker, once there are this many."""
        waiting, _ = self._tracker.gone()
        if waiting < least:
            return
        from wirestat.tables.reading import read_gone

        taken = read_gone(self._tracker, _TAKEN)
        self._gone.append((taken["connections"], changes(taken["transitions"])))

    def batches(self, report: Report, ids: Collection[int]) -> Iterator[Table]:
        """Yield the figures of all that have left, and of those in a report that have one of these ids."""
        self.gather(1)
        for table, made in self._gone:
            yield self._told(table, made, report)
        chosen = bytes(id in ids for id in report.tables({"connections": ["id"]})["connections"]["id"].data)
        for batch in report.batches(_TAKEN, chosen):
            yield self._told(batch["connections"], changes(batch["transitions"]), report)

    def forget(self) -> None:
        """Drop the departed connections after writing."""
        self._gone = []

    def _told(self, table: Table, made: Column, report: Report) -> Table:
        from wirestat.report.looks import spoken_in
        from wirestat.report.tables import diagnoses

        sets, codes = spoken_in(report.naming, table)
        found = [[report.findings[place] for place in one] for one in sets]
        ids = _members(_FINDINGS, diagnoses(), [{one.id for one in each} for each in found], codes)
        severe = _members(
            _SEVERE, _SEVERITIES, [{str(one.severity) for one in each} for each in found], codes
        )
        session = column(LAYOUT.field("session"), [self._session_ns] * table.rows)
        columns = {name: each for name, each in table.columns.items() if name in NAMES}
        judged = {CHANGES.name: made, "findings": ids, "severities": severe}
        return Table(LAYOUT, table.rows, {"session": session, **columns, **judged})


def _members(field: Field, names: Sequence[str], sets: Sequence[set[str]], codes: Sequence[int]) -> Column:
    """Make a column of sets, of which row ``n`` has the set number ``codes[n]``."""
    values = b"".join(making.sets(names, sets, codes))
    return Column(msgspec.structs.replace(field, width=-(-len(names) // 8)), values, names)
