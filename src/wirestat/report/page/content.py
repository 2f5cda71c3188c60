"""The content of a page: its JSON and its columns, for a report or a comparison."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import product
from typing import Any

import msgspec

from wirestat.model import Severity, State
from wirestat.report.build import Report
from wirestat.report.compared.build import Compared
from wirestat.report.layout import View
from wirestat.report.looks import COLUMNS, spoken_in
from wirestat.report.page import columns, ladders
from wirestat.report.page.pack import Pack
from wirestat.report.page.record import record
from wirestat.report.stuck import is_stuck
from wirestat.tables import SCHEMA, Table, either, planes
from wirestat.tables.schema import FIXED

MANY, VERY_MANY = 20_000, 500_000
"""With more connections than this, rarely used data is left out of the page."""

_SEGMENTS, _BRIEF = 40_000, 20_000
"""Maximum segments of a page, and of a page with many connections: those of connections in trouble come first."""
_DERIVED = frozenset({"client_since_ns", "server_since_ns"})
"""Columns that the page derives from the changes of state."""
_RARE = frozenset({
    "client_isn", "server_isn", "client_think_ns", "server_think_ns", "client_longest_think_ns",
    "server_longest_think_ns", "network_ns", "first_byte_ns", "syn_to_syn_ack_ns", "syn_ack_to_ack_ns",
})  # fmt: skip
_RARER = _RARE | {
    "last_frame", "client_first_time_ns", "server_first_time_ns", "client_last_time_ns", "server_last_time_ns",
    "client_rtt_ns", "server_rtt_ns",
}  # fmt: skip


class Content(msgspec.Struct, frozen=True):
    """A page ready to be written."""

    title: str
    record: dict[str, Any]
    pack: Pack


def content(
    report: Report,
    view: View,
    shell: int,
    *,
    lists: bool = True,
    chosen: bytes | None = None,
    compared: Compared | None = None,
) -> Content:
    """Gather what stands in a page; where it would get too large, keep the connections that are in trouble.

    ``shell`` is how large an empty page is, in bytes.
    """
    maker = _Maker(report, view, compared, shell)
    if not lists:
        return maker.without_connections()
    made = maker.of(chosen)
    if view.most_bytes is not None and maker.size(made) > view.most_bytes:
        return maker.within(view.most_bytes, chosen, maker.size(made))
    return made


class _Maker:
    def __init__(self, report: Report, view: View, compared: Compared | None, shell: int) -> None:
        self._report = report
        self._shell = shell
        self._record = record(report, view, compared)
        self._title = ", ".join(capture.title for capture in report.captures)

    def size(self, made: Content) -> int:
        """Return how many bytes the page takes up."""
        return sum(map(len, made.pack.base64())) + len(msgspec.json.encode(made.record)) + self._shell

    def without_connections(self) -> Content:
        """Gather everything but connections."""
        return Content(self._title, self._record, Pack())

    def of(self, chosen: bytes | None, left_out: str = "") -> Content:
        """Gather all connections, or those chosen."""
        pack = Pack()
        tables = self._report.tables(
            {"connections": self._columns(chosen), "transitions": None}, chosen=chosen
        )
        rows = tables["connections"]
        many = len(rows) > MANY
        manifest = {
            "connections": columns.connections(rows, pack, self._report.start_ns),
            "transitions": columns.transitions(tables["transitions"], pack, rows, brief=many),
        }
        sets, codes = spoken_in(self._report.naming, rows)
        spoken = pack.add(planes(codes.tobytes(), codes.itemsize))
        manifest["connections"]["findings"] = {"planes": spoken}
        troubled = self._troubled(rows, sets, codes)
        manifest["facts"] = self._facts(pack, chosen, troubled if many else None)
        shown = self._by_trouble(rows, sets, codes, troubled, every=not many)
        manifest["ladders"] = ladders.write(self._report, shown, pack, _BRIEF if many else _SEGMENTS)
        return Content(
            self._title,
            self._record
            | {
                "rows": {"connections": len(rows), "transitions": len(tables["transitions"])},
                "manifest": manifest,
                "sets": sets,
                "names": self._record["names"] | dict(columns.names(rows)),
                "leftOut": left_out,
            },
            pack,
        )

    def within(self, most: int, chosen: bytes | None, size: int) -> Content:
        """Gather those in trouble, and of them as many as there is room for."""
        rows = self._report.tables({"connections": COLUMNS}, chosen=chosen)["connections"]
        marks = self._troubled(rows, *spoken_in(self._report.naming, rows))
        wanted = [id for id, mark in zip(rows["id"].data, marks, strict=True) if mark]
        every = self._report.tables({"connections": ["id"]})["connections"]["id"].data
        each = max(1, (size - self._shell) // max(1, len(rows)))
        room = min(len(wanted), max(0, most - self._shell) // each)
        while True:
            kept = frozenset(wanted[:room])
            text = (
                f"{len(rows) - len(kept):,} of {len(rows):,} connections are left out, so that this page stays "
                f"within {most / 1e6:g} MB: it holds {len(kept):,} of the {len(wanted):,} that are in trouble."
            )
            made = self.of(bytes(id in kept for id in every), text)
            if self.size(made) <= most or not room:
                return made
            room = room * 3 // 4

    def _columns(self, chosen: bytes | None) -> list[str]:
        number = self._report.summary.connections if chosen is None else chosen.count(1)
        without = _DERIVED | (_RARER if number > VERY_MANY else _RARE if number > MANY else frozenset())
        return [field.name for field in SCHEMA["connections"].fields if field.name not in without]

    def _troubled(self, rows: Table, sets: Sequence[Collection[int]], codes: Iterable[int]) -> bytes:
        """Mark the connections with a serious finding, or that stopped on the way."""
        findings = enumerate(self._report.findings)
        weighty = {place for place, one in findings if one.severity is not Severity.INFO}
        weighs = [not weighty.isdisjoint(one) for one in sets]
        states = FIXED["states"]
        stopped = {
            (client, server): is_stuck(State(states[client]), State(states[server]))
            for client, server in product(range(len(states)), repeat=2)
        }
        pairs = zip(rows["client_state"].data, rows["server_state"].data, strict=True)
        return either(bytes(map(weighs.__getitem__, codes)), bytes(map(stopped.__getitem__, pairs)))

    def _by_trouble(
        self,
        rows: Table,
        sets: Sequence[Collection[int]],
        codes: Sequence[int],
        troubled: bytes,
        *,
        every: bool,
    ) -> Iterator[int]:
        """Yield ids of connections: those of the worst findings first, then those that stopped on the way.

        With ``every`` the others follow.
        """
        ids, findings = rows["id"].data, self._report.findings
        ranks = [max((findings[place].severity.rank for place in one), default=0) for one in sets]
        for rank in sorted({*ranks} - {0, Severity.INFO.rank}, reverse=True):
            wanted = bytes(one == rank for one in ranks)
            yield from (id for id, code in zip(ids, codes, strict=True) if wanted[code])
        minor = bytes(one <= Severity.INFO.rank for one in ranks)
        for mark in (1, 0) if every else (1,):
            yield from (
                id for id, code, one in zip(ids, codes, troubled, strict=True) if minor[code] and one == mark
            )

    def _facts(self, pack: Pack, chosen: bytes | None, troubled: bytes | None) -> dict[str, Any]:
        """Write when facts were first seen: for all connections, or if there are many, for those in trouble."""
        if troubled is not None and chosen is not None:
            marks = iter(troubled)
            chosen = bytes(next(marks) if one else 0 for one in chosen)
        elif troubled is not None:
            chosen = troubled
        tables = self._report.tables(
            {"connections": ["id", "first_time_ns", "first_frame"], "facts": None}, chosen=chosen
        )
        of = tables["connections"]
        manifest = columns.facts(tables["facts"], pack, of)
        manifest["of"] = columns.Writer(pack).steps(of["id"].values, 0)
        return {"columns": manifest, "connections": len(of), "rows": len(tables["facts"])}
