"""The columns of a page, and their encoding.

Times and frames are written as differences to nearby values: the first or last segment of their connection, or the
previous change of state. For each column, the manifest says where its planes are and how to decode its values:

* ``by``: the value to add. ``steps``: the previous value, for the first row the start; ``along``: the same within
each connection, starting at its first segment; ``next``: the frame of the next row; else a column.
* ``scale``: the common divisor. ``folded``: odd numbers stand for negative ones.
* ``none``: 0 stands for a missing value, and all others are one more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wirestat.report.page.pack import Pack
from wirestat.tables import Column, Table, differences, planes, steps
from wirestat.tables.differences import Differences

_FIRST_TIME, _FIRST_FRAME = "first_time_ns", "first_frame"
_TRANSITIONS = ("endpoint", "from_state", "to", "cue", "evidence")
_FACTS = ("fact", "endpoint", "figure")
_NUMBER = 8
"""Bytes."""

Manifest = dict[str, dict[str, Any]]
"""The description of each column."""

_NEAR = {
    "last_time_ns": _FIRST_TIME,
    "last_frame": _FIRST_FRAME,
    "client_first_time_ns": _FIRST_TIME,
    "server_first_time_ns": _FIRST_TIME,
    "client_last_time_ns": "last_time_ns",
    "server_last_time_ns": "last_time_ns",
    "client_since_ns": "last_time_ns",
    "server_since_ns": "last_time_ns",
    "connect_ns": "handshake_rtt_ns",
}
"""Columns, and the nearby value of each."""


class Writer:
    """Writes columns as differences."""

    def __init__(self, pack: Pack) -> None:
        """Write into ``pack``."""
        self.pack = pack

    def write(self, values: bytes, others: bytes, by: str = "", null: int | None = None) -> dict[str, Any]:
        """Write 64-bit numbers as differences to others; ``by`` says which."""
        told = self._apart(differences(values, others, null), by)
        if null is not None:
            told["none"] = True
        return told

    def _apart(self, apart: Differences, by: str) -> dict[str, Any]:
        told: dict[str, Any] = {"planes": self.pack.add(apart.planes)}
        if apart.scale > 1:
            told["scale"] = apart.scale
        if apart.is_folded:
            told["folded"] = True
        if by:
            told["by"] = by
        return told

    def plain(self, column: Column) -> dict[str, Any]:
        """Write a column as it is."""
        told: dict[str, Any] = {"planes": self.pack.add(planes(column.values, column.field.width))}
        if column.field.null is not None:
            told["null"] = column.field.null
        return told

    def steps(self, values: bytes, start: int) -> dict[str, Any]:
        """Write numbers as differences to the one before."""
        first = start.to_bytes(_NUMBER, "little", signed=True)
        return self.write(values, (first + values)[: len(values)], "steps")

    def along(self, table: Table, name: str, of: Table) -> dict[str, Any]:
        """Write a column of rows that belong to connections as differences to the row before."""
        starts = of[_FIRST_TIME if name == "time_ns" else _FIRST_FRAME].values
        bounds = b"" if table.offsets is None else table.offsets.tobytes()
        return self._apart(steps(table[name].values, bounds, starts), "along")

    def counts(self, table: Table) -> dict[str, Any]:
        """Write how many rows each connection has."""
        offsets = bytes(table.offsets or b"")
        return self.write(offsets[_NUMBER:], offsets[:-_NUMBER])


def connections(table: Table, pack: Pack, start_ns: int) -> Manifest:
    """Write the table ``connections``."""
    into, told = Writer(pack), {}
    for name, column in table.columns.items():
        if name == _FIRST_TIME:
            told[name] = into.steps(column.values, start_ns)
        elif name in ("id", _FIRST_FRAME):
            told[name] = into.steps(column.values, 0)
        elif near := _NEAR.get(name):
            told[name] = into.write(column.values, table[near].values, near, column.field.null)
        elif column.field.type == "i64":
            told[name] = into.write(column.values, bytes(len(column.values)), null=column.field.null)
        else:
            told[name] = into.plain(column)
    return told


def transitions(table: Table, pack: Pack, of: Table, *, brief: bool) -> Manifest:
    """Write the table ``transitions`` of the connections in ``of``.

    A ``brief`` one says whether a change was proved, and not by which frame.
    """
    into = Writer(pack)
    told = {name: into.plain(table[name]) for name in _TRANSITIONS}
    told["counts"] = into.counts(table)
    for name in ("time_ns", "frame"):
        told[name] = into.along(table, name, of)
    frames = table["frame"].values
    following = frames[_NUMBER:] + bytes(_NUMBER if frames else 0)
    told["retracted_by"] = into.write(table["retracted_by"].values, following, "next", null=0)
    confirmed = table["confirmed_by"].values
    if brief:
        told["is_confirmed"] = {"planes": pack.add(planes(_is_set(confirmed), 1))}
    else:
        told["confirmed_by"] = into.write(confirmed, following, "next", null=0)
    return told


def _is_set(values: bytes) -> bytes:
    """Return a byte for each number: 1 where it is not 0."""
    rows = len(values) // _NUMBER
    either = 0
    for byte in range(_NUMBER):
        either |= int.from_bytes(values[byte::_NUMBER], "little")
    return either.to_bytes(rows, "little").translate(bytes([0]) + bytes([1]) * 255)


def facts(table: Table, pack: Pack, of: Table) -> Manifest:
    """Write the table ``facts`` of the connections in ``of``."""
    into = Writer(pack)
    told = {name: into.plain(table[name]) for name in _FACTS}
    told["counts"] = into.counts(table)
    for name in ("time_ns", "frame"):
        told[name] = into.along(table, name, of)
    return told


def names(table: Table) -> Iterator[tuple[str, list[str]]]:
    """Yield a table's own dictionaries, which differ between captures."""
    for dictionary in ("addresses", "tunnels"):
        for column in table.columns.values():
            if column.field.dictionary == dictionary:
                yield dictionary, list(column.names or ())
                break
