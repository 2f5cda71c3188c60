"""The folder of results: a folder for each table, with parts in Parquet that are complete or absent.

::

    DIR/connections/part-000017.parquet              rows of captures 17 and on, as many as one worker took at a time
    DIR/connections/day=2026-11-28/part-000017.parquet   the same by the day on which each connection began (UTC)
    DIR/files.parquet                                what became of each capture
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from wirestat.replacing import replacing
from wirestat.tables import TABLES, Column, Field, Gathering, Layout, Table

if TYPE_CHECKING:
    from wirestat.model import Finding
    from wirestat.report.build import Report
    from wirestat.summary import Listener
    from wirestat.tracked import Tracked

_FILE = Field("file", "u32", 4, None, None, None, "The capture: its number in the table of files.")
_DAY_NS = 86_400_000_000_000
_NO_DAY = ""


class _Day:
    """Connections and transitions of one day, or of all days: the concatenated rows of many captures."""

    def __init__(self) -> None:
        self._gathering = Gathering()
        self._tables: list[dict[str, Table]] = []
        self._numbers = {name: bytearray() for name in TABLES}
        self._members = bytearray()

    def add(self, number: int, report: Report, chosen: bytes | None, members: Sequence[bytes] | None) -> None:
        """Take the rows of a capture, with the findings of each connection; ``None`` if there are none."""
        before = dict(self._gathering.rows)
        self._tables += cast("Tracked", report.analysis).gather(self._gathering, chosen)
        count = {name: self._gathering.rows[name] - before[name] for name in TABLES}
        for name in TABLES:
            self._numbers[name] += array("I", [number]).tobytes() * count[name]
        if members is None:
            self._members += bytes(_width() * count[TABLES[0]])
        else:
            self._members += b"".join(members if chosen is None else compress(members, chosen))

    def tables(self) -> Iterator[tuple[str, Iterator[Table]]]:
        """Yield both tables, each with its name, in chunks."""
        from wirestat.report.tables import with_findings

        pieces = [*self._tables, self._gathering.take()]
        connections, transitions = ([piece[name] for piece in pieces] for name in TABLES)
        judged = map(with_findings, connections, _cut(self._members, _width(), connections))
        yield TABLES[0], _numbered(judged, bytes(self._numbers[TABLES[0]]))
        yield TABLES[1], _numbered(transitions, bytes(self._numbers[TABLES[1]]))

    @property
    def rows(self) -> Mapping[str, int]:
        """The number of rows of each."""
        return self._gathering.rows


class Part:
    """One part of each table, gathered in memory until all its captures are tracked.

    Tables are made at the end: one for each of a thousand small captures would take longer than tracking them.
    """

    def __init__(self, *, by_day: bool) -> None:
        """Begin empty. ``by_day`` separates connections and transitions by day."""
        self._by_day = by_day
        self._of_days: defaultdict[str, _Day] = defaultdict(_Day)
        self._findings: list[tuple[int, tuple[str, Finding]]] = []
        self._listeners: list[tuple[int, Listener]] = []

    def add(self, number: int, report: Report) -> None:
        """Take the rows of a capture."""
        from wirestat.report.handles import handles
        from wirestat.report.tables import members

        tracked = cast("Tracked", report.analysis)
        spoken = members(report, tracked.ids()) if report.findings else None
        for day, chosen in self._days(report):
            self._of_days[day].add(number, report, chosen, spoken)
        self._findings += ((number, row) for row in handles(report).items())
        self._listeners += ((number, listener) for listener in report.summary.listeners)

    def tables(self) -> Iterator[tuple[str, str, Iterator[Table]]]:
        """Yield the name of each table, its day, and its rows.

        Tables without rows are included, so that readers find every table; days without rows are not.
        """
        from wirestat.report.judgements import judged
        from wirestat.report.tables import listening

        if not self._by_day:
            self._of_days[_NO_DAY]  # even if no capture could be read
        for day, one in self._of_days.items():
            for name, pieces in one.tables():
                if one.rows[name] or not self._by_day:
                    yield name, day, pieces
        for name, found, made in (
            ("findings", self._findings, judged([row for _, row in self._findings])),
            ("listeners", self._listeners, listening([row for _, row in self._listeners])),
        ):
            yield name, _NO_DAY, _numbered([made], array("I", (number for number, _ in found)).tobytes())

    def _days(self, report: Report) -> Iterator[tuple[str, bytes | None]]:
        """Yield each day on which a connection began, with a byte for each connection."""
        if not self._by_day:
            yield _NO_DAY, None
            return
        began = report.tables({"connections": ["first_time_ns"]})["connections"]["first_time_ns"].data
        days = [time_ns // _DAY_NS for time_ns in began]
        if not days:
            yield _NO_DAY, None  # it may still have findings
        for day in sorted(set(days)):
            name = datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()
            yield name, bytes(one == day for one in days)


@contextmanager
def part(folder: str, number: int, *, by_day: bool) -> Iterator[Part]:
    """Gather a part; at the end it is written under a temporary name and renamed, table by table.

    Raises:
        OSError: it cannot be written.
    """
    from wirestat.export import load

    gathered = Part(by_day=by_day)
    yield gathered
    writer = load("parquet")
    for name, day, batches in gathered.tables():
        place = Path(folder, name, f"day={day}" if day else ".", f"part-{number:06}.parquet")
        place.parent.mkdir(parents=True, exist_ok=True)
        with replacing(place) as new, new.open("wb") as stream:
            writer.write(_with_file(name), batches, stream)


def page(folder: str, number: int, report: Report) -> None:
    """Write the page of a capture: ``DIR/reports/000017.html``.

    Raises:
        OSError: it cannot be written.
    """
    from wirestat import __version__
    from wirestat.report import formats
    from wirestat.report.layout import View

    place = Path(folder, "reports", f"{number:06}.html")
    place.parent.mkdir(exist_ok=True)
    with replacing(place) as new, new.open("wb") as stream:
        for piece in formats.load("html").render(report, View(version=__version__)):
            stream.write(piece if isinstance(piece, bytes) else piece.encode())


def sweep(folder: Path, parts: Collection[int]) -> None:
    """Remove the unfinished files of a killed run: all but the parts with these numbers."""
    for left in folder.rglob(".*.part"):
        left.unlink(missing_ok=True)
    for place in folder.rglob("part-*.parquet"):
        number = place.stem.removeprefix("part-")
        if number.isdecimal() and int(number) not in parts:
            place.unlink(missing_ok=True)


def _width() -> int:
    """Return the bytes of the column ``findings`` per row."""
    from wirestat.report.tables import width_of_findings

    return width_of_findings()


def _cut(values: bytes | bytearray, width: int, tables: Iterable[Table]) -> Iterator[bytes]:
    """Yield the part of each table of a column with this many bytes per value."""
    start = 0
    for table in tables:
        end = start + width * table.rows
        yield bytes(values[start:end])
        start = end


def _numbered(tables: Iterable[Table], numbers: bytes) -> Iterator[Table]:
    """Put the column of files before the others, for concatenated tables."""
    start = 0
    for table in tables:
        end = start + _FILE.width * table.rows
        column = Column(_FILE, numbers[start:end], None)
        yield Table(_with_file(table.layout.name), table.rows, {_FILE.name: column, **table.columns})
        start = end


@cache
def _with_file(name: str) -> Layout:
    from wirestat.report.tables import layout as described

    layout = described(name)
    return msgspec.structs.replace(layout, fields=(_FILE, *layout.fields))
