"""The fields of expressions: every column of a connection, and values derived from several.

Every new column is a field with the column's name. ``_SHORT`` gives it a shorter name, ``_DERIVED`` lists fields that
are not columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache

import msgspec

from wirestat import tables

_END = "client_"
_OTHER_END = "server_"


class Kind(Enum):
    """The kind of a field's values."""

    NUMBER = "number"
    BYTES = "bytes"
    SPAN = "time span"
    TIME = "time"
    FLAG = "yes or no"
    NAME = "name"
    SET = "names"
    ADDRESS = "address"
    TUNNEL = "tunnel"
    FINDING = "finding"
    SEVERITY = "severity"

    @property
    def is_ordered(self) -> bool:
        """Whether the values are ordered."""
        return self in (Kind.NUMBER, Kind.BYTES, Kind.SPAN, Kind.TIME, Kind.SEVERITY)


class FilterField(msgspec.Struct, frozen=True, kw_only=True):
    """A field: its name, columns and meaning."""

    name: str
    kind: Kind
    meaning: str
    whole: str | None = None
    """The column of the connection as a whole; ``None`` for fields of ends only, and for derived fields."""
    end: str | None = None
    """The column of one end, without ``client_`` or ``server_``."""
    between: tuple[str, str] | None = None
    """Two columns of the connection, both instants: the field is the time from the first to the second."""
    others: tuple[str, ...] = ()
    """Its other names."""
    names: str | None = None
    """The dictionary that its values are from."""
    most: int | None = None
    """The greatest number that its column can hold, if its values are numbers without a unit."""
    tells_of_state: bool = False
    """Whether it describes the state of an end: beside a state test it is about the end in that state."""

    @property
    def is_of_ends(self) -> bool:
        """Whether ``client.`` and ``server.`` may stand before it."""
        return self.end is not None

    @property
    def is_wide(self) -> bool:
        """Whether, without a side, it is about the connection and both ends."""
        return self.whole is not None and self.end is not None and self.kind is Kind.SET


_SHORT = {
    "address": ("addr", "ip", "host"),
    "facts": ("fact",),
    "retransmitted_frames": ("retransmitted",),
    "out_of_order_frames": ("out_of_order",),
    "duplicate_frames": ("duplicates",),
    "unseen_bytes": ("unseen",),
    "unacknowledged_bytes": ("unacknowledged", "send_q"),
    "frames": ("frames", "packets"),
    "connect_ns": ("connect_time", "connect"),
}
"""By column: the name that is shown, then other accepted names."""

_OF_STATE = frozenset({"evidence", "confirmed", "or_since", "since_ns"})

_DERIVED = (
    FilterField(
        name="for", kind=Kind.SPAN, end="since_ns", tells_of_state=True,
        meaning="How long an end has been in its state, up to the end of the capture or the instant of --at.",
    ),
    FilterField(
        name="duration", kind=Kind.SPAN, between=("first_time_ns", "last_time_ns"),
        meaning="From the first segment of the connection to its last.",
    ),
    FilterField(
        name="finding", kind=Kind.FINDING, meaning="A diagnosis about the connection, by id or name.",
    ),
    FilterField(
        name="severity", kind=Kind.SEVERITY, meaning="The severity of a finding about the connection.",
    ),
)  # fmt: skip


_MOST: Mapping[str, int] = {
    "u8": (1 << 8) - 1, "u16": (1 << 16) - 1, "u32": (1 << 32) - 1, "u64": (1 << 64) - 1,
}  # fmt: skip


def _kind(column: tables.Field) -> Kind:
    if column.type == "set":
        return Kind.SET
    if column.type == "bool":
        return Kind.FLAG
    if column.dictionary:
        return {"addresses": Kind.ADDRESS, "tunnels": Kind.TUNNEL}.get(column.dictionary, Kind.NAME)
    units = {"ns": Kind.SPAN, tables.TIME: Kind.TIME, "bytes": Kind.BYTES}
    return units.get(column.unit or "", Kind.NUMBER)


def _of_columns() -> list[FilterField]:
    columns = {column.name: column for column in tables.SCHEMA["connections"].fields}
    bare = dict.fromkeys(name.removeprefix(_END) for name in columns if not name.startswith(_OTHER_END))
    fields = []
    for name in bare:
        whole, end = columns.get(name), columns.get(_END + name)
        column = whole or end
        if column is None:
            continue
        short = _SHORT.get(name, (name.removesuffix("_ns"),))
        fields.append(
            FilterField(
                name=short[0],
                kind=_kind(column),
                meaning=column.meaning,
                whole=whole.name if whole else None,
                end=name if end else None,
                others=tuple(other for other in (*short[1:], name) if other != short[0]),
                names=column.dictionary,
                most=_MOST.get(column.type) if _kind(column) is Kind.NUMBER else None,
                tells_of_state=name in _OF_STATE,
            )
        )
    return fields


FIELDS: dict[str, FilterField] = {field.name: field for field in (*_DERIVED, *_of_columns())}
"""Every field by the name that is shown, derived fields first."""


@cache
def by_every_name() -> dict[str, FilterField]:
    """Return every field by each name that it goes by."""
    named = {other: field for field in FIELDS.values() for other in field.others}
    return named | FIELDS
