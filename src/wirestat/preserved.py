"""An analysis without a tracker: a value that can be pickled, kept, and passed to other processes.

It holds the tracker's data and gives the same answers. Records and connections are compressed in chunks, as only few
of them are ever read.
"""

from __future__ import annotations

import pickle
import zlib
from bisect import bisect_right
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec

from wirestat import query
from wirestat.model import Capture, Connection, LadderLine, UdpConversation
from wirestat.query.reference import Step, Subject, holds
from wirestat.summary import Summary
from wirestat.tables import SCHEMA, Style, Table, Value, Wanted, Words
from wirestat.tables.picking import picked, then
from wirestat.timers import Timers

if TYPE_CHECKING:
    from wirestat.tracked import Keep, Tracked

_BATCH = 256
"""Connections per compressed chunk."""
_LINES = Style(opening="", closing="\n", between="")
"""JSON records one by one, without the surrounding document."""

T = TypeVar("T")


class Parts(msgspec.Struct, frozen=True):
    """The data of a preserved analysis."""

    captures: tuple[Capture, ...]
    summary: Summary
    timers: Timers
    keep: Keep
    filter: str
    now_ns: int | None
    tables: dict[str, Table]
    connections: tuple[bytes, ...]
    """Chunks of many connections, pickled and compressed."""
    records: tuple[bytes, ...]
    """The same connections as JSON, one per line, compressed."""
    udp: tuple[UdpConversation, ...]
    ladders: dict[int, tuple[LadderLine, ...]]


def preserve(analysis: Tracked, words: Words) -> Preserved:
    """Copy all data of an analysis; ``words`` are those of its report."""
    connections, lines = list(analysis.connections()), b"".join(analysis.records(words, _LINES)).splitlines()
    return Preserved(
        Parts(
            captures=analysis.captures,
            summary=analysis.summary,
            timers=analysis.timers,
            keep=analysis.keep,
            filter=analysis.filter,
            now_ns=analysis.now_ns,
            tables=analysis.tables(dict.fromkeys(name for name in SCHEMA if name != "instant")),
            connections=tuple(zlib.compress(pickle.dumps(batch), 1) for batch in _batches(connections)),
            records=tuple(zlib.compress(b"\n".join(batch), 1) for batch in _batches(lines)),
            udp=tuple(analysis.udp()),
            ladders={id: analysis.ladder(id) for id in analysis.traced()},
        )
    )


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))


class _Row(dict[str, Value]):
    """A row of a table, whose values are looked up on demand."""

    def __init__(self, table: Table, row: int) -> None:
        super().__init__()
        self._table, self._row = table, row

    def __missing__(self, name: str) -> Value:
        return self._table[name][self._row]


class Preserved:
    """The analysis of a pickled report; ``wirestat.tracked.Tracked`` documents the methods."""

    beside = None

    def __init__(self, parts: Parts) -> None:
        """Hold these parts."""
        self._parts = parts
        self._ids = parts.tables["connections"]["id"].data
        self.captures = parts.captures
        self.summary = parts.summary
        self.timers = parts.timers
        self.keep = parts.keep
        self.filter = parts.filter
        self.now_ns = parts.now_ns
        self._unpacked: tuple[int, list[Connection]] | None = None

    def __reduce__(self) -> tuple[type[Preserved], tuple[Parts]]:
        """Pickle the parts."""
        return type(self), (self._parts,)

    def connections(self) -> Iterator[Connection]:
        """As in ``Tracked``."""
        for batch in range(len(self._parts.connections)):
            yield from self._batch(batch)

    def connection(self, id: int) -> Connection:
        """As in ``Tracked``."""
        place = bisect_right(self._ids, id) - 1
        if place < 0 or self._ids[place] != id:
            raise KeyError(id)
        return self._batch(place // _BATCH)[place % _BATCH]

    def _batch(self, batch: int) -> list[Connection]:
        """Return the connections of a chunk; the last chunk is cached, as neighbours are asked for in a row."""
        if self._unpacked is None or self._unpacked[0] != batch:
            self._unpacked = batch, pickle.loads(zlib.decompress(self._parts.connections[batch]))
        return self._unpacked[1]

    def tables(
        self, wanted: Wanted, chosen: bytes | None = None, at_ns: int | None = None
    ) -> dict[str, Table]:
        """As in ``Tracked``."""
        if chosen is not None and len(chosen) != len(self._ids):
            raise ValueError(f"{len(chosen)} bytes choose among {len(self._ids)} connections")
        held = self._parts.tables
        found = {}
        for name, columns in wanted.items():
            if name not in SCHEMA:
                raise ValueError(f"no such table: {name}")
            table = then(held["connections"], held["transitions"], at_ns) if name == "instant" else held[name]
            found[name] = picked(table, columns, None if name == "listeners" else chosen)
        return found

    def batches(
        self, wanted: Wanted, chosen: bytes | None = None, *, size: int | None = None
    ) -> Iterator[dict[str, Table]]:
        """As in ``Tracked``; without ``size``, in one batch."""
        total = len(self._ids)
        asked = b"\1" * total if chosen is None else chosen
        step = size or max(total, 1)
        for start in range(0, max(total, 1), step):
            stop = min(start + step, total)
            yield self.tables(wanted, bytes(start) + asked[start:stop] + bytes(total - stop))

    def choose(
        self,
        tree: query.Tree,
        now_ns: int,
        speaks: Callable[[query.Test], bytes],
        *,
        is_past: bool = False,
    ) -> bytes:
        """Return a byte for each connection in the order of ids, 1 where the expression is true.

        Raises:
            UsageError: the expression needs a value at that instant that is only known for the end.
        """
        program = query.compiled(tree, now_ns if is_past else None)
        spoken = {test: speaks(test) for test in program.given}
        has_steps = any(op[0] in ("stepped", "took") for op in program.ops)
        held = self._parts.tables
        tables = [held["connections"]]
        if is_past:
            tables.append(then(held["connections"], held["transitions"], now_ns))
        begun = held["connections"]["first_time_ns"].data
        return bytes(
            (not is_past or begun[place] <= now_ns)
            and holds(
                tree,
                Subject(
                    ChainMap(*(_Row(table, place) for table in reversed(tables))),
                    self._steps(place) if has_steps else (),
                    (),
                    now_ns,
                    {test: bool(one[place]) for test, one in spoken.items()},
                ),
            )
            for place in range(len(self._ids))
        )

    def _steps(self, place: int) -> list[Step]:
        table = self._parts.tables["transitions"]
        columns = [table[name] for name in ("endpoint", "from_state", "to")]
        disproved = table["retracted_by"].data
        rows = [row for row in table.of(place) if not disproved[row]]
        return [Step(*(column[row] for column in columns)) for row in rows]  # type: ignore[arg-type]  # by the schema

    def records(self, _words: Words, style: Style, chosen: bytes | None = None) -> Iterator[bytes]:
        """Yield the connections as JSON; the words were put in when the report was preserved."""
        opening, closing, between = (part.encode() for part in style)
        lines = (line for batch in self._parts.records for line in zlib.decompress(batch).splitlines())
        asked = lines if chosen is None else (line for line, one in zip(lines, chosen, strict=True) if one)
        before = b""
        for line in asked:
            yield before + opening + line + closing
            before = between

    def conn_log(
        self, findings: Mapping[int, tuple[str, ...]], *, is_json: bool, chosen: bytes | None = None
    ) -> Iterator[bytes]:
        """Raise an error: the data for Zeek's log is not preserved.

        Raises:
            ValueError: always.
        """
        raise ValueError("a pickled report has no data for Zeek's conn.log: write the log before pickling")

    def udp(self) -> Iterator[UdpConversation]:
        """As in ``Tracked``."""
        return iter(self._parts.udp)

    def ladder(self, id: int) -> tuple[LadderLine, ...]:
        """As in ``Tracked``."""
        return self._parts.ladders.get(id, ())

    def traced(self) -> tuple[int, ...]:
        """As in ``Tracked``."""
        return tuple(self._parts.ladders)
