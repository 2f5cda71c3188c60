"""The four exported tables: the tracker's columns, with the findings added."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from wirestat.model import State
from wirestat.report.judgements import FINDINGS, findings
from wirestat.report.looks import spoken, spoken_in, spoken_of
from wirestat.tables import SCHEMA, Column, Field, Layout, Table, making

if TYPE_CHECKING:
    from wirestat.diagnosis.naming import Spoken
    from wirestat.report.build import Report
    from wirestat.summary import Listener

_OF_CONNECTION = Field(
    "findings", "set", 0, None, None, "findings", "Diagnoses of the findings that speak of it, as in D05."
)


@cache
def layout(name: str) -> Layout:
    """Return the description of a table.

    Raises:
        KeyError: there is no such table.
    """
    if name == "findings":
        return FINDINGS
    known = SCHEMA[name]
    if name == "connections":
        return msgspec.structs.replace(known, fields=(*known.fields, _OF_CONNECTION))
    fields = tuple(part for field in known.fields for part in _parts(field))
    return msgspec.structs.replace(known, fields=fields)


def batches(
    report: Report, name: str, chosen: bytes | None = None, *, size: int | None = None
) -> Iterator[Table]:
    """Yield a table in batches, at least one, of ``size`` connections or of a suitable number.

    ``chosen`` has a byte for each connection in the order of ids: 0 leaves it out, with its transitions. Findings and
    listeners are always those of all connections.
    """
    if name == "findings":
        yield findings(report)
    elif name == "listeners":
        yield listening(report.summary.listeners)
    elif name == "connections":
        for batch in report.batches({name: None}, chosen, size=size):
            yield _judged(batch[name], report)
    else:
        for batch in report.batches({name: None}, chosen, size=size):
            yield batch[name]


@cache
def diagnoses() -> tuple[str, ...]:
    """Return all ids of the catalogue: with the same dictionary in each report, columns can be concatenated."""
    from wirestat.diagnosis.manual import catalogue

    return tuple(rule.id for rule in catalogue())


def width_of_findings() -> int:
    """Return the bytes per row of the column ``findings``."""
    return _field_of_findings().width


@cache
def _field_of_findings() -> Field:
    return msgspec.structs.replace(_OF_CONNECTION, width=-(-len(diagnoses()) // 8))


def _judged(table: Table, report: Report) -> Table:
    """Add the column ``findings``, batch by batch."""
    if not report.findings:
        return with_findings(table, bytes(width_of_findings() * table.rows))
    return with_findings(table, b"".join(_members(report, spoken_in(report.naming, table))))


def members(report: Report, ids: Sequence[int]) -> list[bytes]:
    """Return the values of the column ``findings``; ``ids`` are those of all connections, in order."""
    naming = report.naming
    told = spoken(report)[1] if naming.goes_by_looks else spoken_of(naming, ids)
    return list(_members(report, told))


def _members(report: Report, spoken: Spoken) -> Iterator[bytes]:
    ids = [{report.findings[place].id for place in one} for one in spoken.sets]
    return making.sets(diagnoses(), ids, spoken.codes)


def with_findings(table: Table, members: bytes) -> Table:
    """Add the column ``findings`` to a table of connections."""
    field = _field_of_findings()
    column = Column(field, members, diagnoses())
    return Table(layout("connections"), table.rows, {**table.columns, field.name: column})


def _parts(field: Field) -> tuple[Field, ...]:
    """Split a field of counts into one field per state."""
    if field.type != "counts":
        return (field,)
    meaning = field.meaning.removesuffix(", by state.")
    return tuple(
        Field(f"{field.name}_{state.lower()}", "u64", 8, None, None, None, f"{meaning} that are in {state}.")
        for state in State
    )


@cache
def _listener_parts() -> tuple[tuple[Field, tuple[Field, ...]], ...]:
    return tuple((field, _parts(field)) for field in SCHEMA["listeners"].fields)


def listening(listeners: Sequence[Listener]) -> Table:
    """Make columns from a summary's listeners: the tracker would have to count again."""
    addresses: dict[str, int] = {}
    columns = {}
    for field, parts in _listener_parts():
        values = [getattr(item, field.name) for item in listeners]
        if field.type == "counts":
            for part, state in zip(parts, State, strict=True):
                columns[part.name] = _numbers(part, [counts.get(state, 0) for counts in values])
        elif field.dictionary == "addresses":
            codes = [
                field.null if one is None else addresses.setdefault(one, len(addresses)) for one in values
            ]
            columns[field.name] = _numbers(field, codes)
        else:
            columns[field.name] = _numbers(field, [field.null if one is None else one for one in values])
    names = list(addresses)
    for column in columns.values():
        column.names = names if column.field.dictionary else None
    return Table(layout("listeners"), len(listeners), columns)


def _numbers(field: Field, values: Sequence[Any]) -> Column:
    return Column(field, array(field.format, values).tobytes(), None)
