"""Reads tables from a tracker, at once or in batches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from wirestat.tables.column import Column, Texts
from wirestat.tables.schema import FIXED, SCHEMA
from wirestat.tables.table import Table
from wirestat.tracker import Tracker

if TYPE_CHECKING:
    from wirestat import _core

Wanted = Mapping[str, Collection[str] | None]
"""Tables, and the wanted columns of each; ``None`` for all."""

BATCH = 1 << 16
"""The default batch size in connections: about 60 MB with all tables."""

_FIELDS = {name: {field.name: field for field in layout.fields} for name, layout in SCHEMA.items()}
_ALL = slice(None)
_END = (1 << 63) - 1
"""Later than any frame."""


def read(
    tracker: Tracker,
    wanted: Wanted,
    *,
    chosen: bytes | None = None,
    part: slice = _ALL,
    at_ns: int | None = None,
) -> dict[str, Table]:
    """Take tables out of a tracker, as of now.

    Args:
        tracker: where connections are kept; see ``Tracker.settle``.
        wanted: tables, and the wanted columns of each; ``None`` for all.
        chosen: a byte for each connection of the tracker in the order of ids: 0 leaves it out, with its transitions
            and facts. Listeners are always those of all connections.
        part: of which connections in the order of ids, the first being 0; all, if it is not given.
        at_ns: the instant, in Unix ns, of the table ``instant``; that of the last frame, if it is not given.

    Raises:
        ValueError: there is no such table or column, or ``chosen`` is too long or too short.
    """
    return typed(*tracker.columns(wanted, chosen, part, _END if at_ns is None else at_ns))


def read_gone(tracker: Tracker, wanted: Wanted) -> dict[str, Table]:
    """Read the tables of all connections that have left a tracker since the last call; see
    ``Tracker.columns_of_gone``.

    Raises:
        ValueError: there is no such table or column.
    """
    return typed(*tracker.columns_of_gone(wanted))


def typed(taken: Sequence[_core.TableRow], dictionaries: Sequence[_core.Book]) -> dict[str, Table]:
    """Give the core's raw columns their types and names."""
    names: dict[str, Sequence[str]] = dict(FIXED)
    names.update((name, Texts(offsets, text)) for name, offsets, text in dictionaries)
    tables = {}
    for name, rows, offsets, columns in taken:
        fields = _FIELDS[name]
        tables[name] = Table(
            SCHEMA[name],
            rows,
            {
                column: Column(field, values, names[field.dictionary] if field.dictionary else None)
                for column, values in columns
                for field in [fields[column]]
            },
            offsets,
        )
    return tables


def batches(
    tracker: Tracker, wanted: Wanted, *, chosen: bytes | None = None, size: int = BATCH
) -> Iterator[dict[str, Table]]:
    """Yield tables of ``size`` connections each, in the order of ids: fewer where not all are chosen, maybe none.

    There is at least one batch.

    Each batch has dictionaries of its own.

    Raises:
        ValueError: there is no such table or column, or ``chosen`` is too long or too short.
    """
    for start in range(0, max(tracker.kept(), 1), size):
        yield read(tracker, wanted, chosen=chosen, part=slice(start, start + size))
