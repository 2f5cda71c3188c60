"""Parts of a report as JSON: one connection with its segments, and the states at an instant."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from wirestat.model import Side, State
from wirestat.report.connections import ARRAY, records
from wirestat.report.contract import SCHEMA
from wirestat.report.encoding import encode
from wirestat.report.history import others_at

if TYPE_CHECKING:
    from wirestat.model import Connection
    from wirestat.report.build import Report
    from wirestat.report.layout import View
    from wirestat.tables import Table

LINES = "ndjson"
"""The format with one object per line, each with its ``type``."""
FORMATS = ("json", LINES)
"""The formats of parts."""


class EndAt(msgspec.Struct, frozen=True):
    """An end at an instant."""

    address: str
    port: int
    state: str
    since_ns: int | None
    """When it entered that state; ``None`` if it was in it from the start."""
    or_since: tuple[State, ...]
    """The other states that fit as well at that instant, the likelier first."""


class At(msgspec.Struct, frozen=True):
    """A connection at an instant."""

    id: int
    client: EndAt
    server: EndAt


class _End(NamedTuple):
    """An end at an instant, by the tables."""

    address: str
    port: int
    state: str
    since_ns: int | None


def connection(report: Report, one: Connection, format: str, view: View) -> Iterator[bytes]:
    """Yield one connection, the findings about it, and its segments."""
    ids = report.tables({"connections": ["id"]})["connections"]["id"].data
    (record,) = records(report, ARRAY, bytes(id == one.id for id in ids))
    parts = {
        "connection": [record],
        "finding": [encode(finding) for finding in report.findings_of(one)],
        "segment": [encode(line) for line in report.ladder()],
    }
    if format == LINES:
        for kind, encoded in parts.items():
            yield from (_typed(kind, item) for item in encoded)
        return
    yield _head(view) + b',"connection":' + record
    for name, kind in (("findings", "finding"), ("segments", "segment")):
        yield b',\n"%s":[%s]' % (name.encode(), b",\n".join(parts[kind]))
    yield b"}\n"


def instant(
    report: Report, at_ns: int, states: Collection[State], chosen: bytes | None, format: str, view: View
) -> Iterator[bytes]:
    """Yield the states at an instant of connections that had begun; with ``states``, only those with an end in
    one."""
    tables = report.tables(
        {"instant": None, "connections": ["client_address", "client_port", "server_address", "server_port"]},
        chosen,
        at_ns,
    )
    begun = _begun(tables["instant"], tables["connections"], frozenset(map(str, states)))
    told = (encode(_at(report, id, ends, at_ns)) for id, ends in begun)
    if format == LINES:
        yield from (_typed("at", item) for item in told)
        return
    yield _head(view) + b',"at_ns":%d,\n"connections":[' % at_ns
    before = b"\n"
    for item in told:
        yield before + item
        before = b",\n"
    yield b"]}\n"


def _begun(instant: Table, connections: Table, states: frozenset[str]) -> Iterator[tuple[int, list[_End]]]:
    """Yield the ids and ends of connections that had begun; with ``states``, only those with an end in one."""
    for row, id in enumerate(instant["id"].data):
        then, now = instant.row(row), connections.row(row)
        ends = [
            _End(
                str(now[f"{end}_address"]),
                _number(now[f"{end}_port"]) or 0,
                str(then[f"{end}_state"]),
                _number(then[f"{end}_since_ns"]),
            )
            for end in Side
        ]
        has_begun = then["client_state"] is not None
        if has_begun and (not states or not states.isdisjoint(end.state for end in ends)):
            yield id, ends


def _at(report: Report, id: int, ends: list[_End], at_ns: int) -> At:
    one = report.connection(id)
    client, server = (EndAt(*end, others_at(one, side, at_ns)) for end, side in zip(ends, Side, strict=True))
    return At(id, client, server)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _head(view: View) -> bytes:
    return encode({"schema": SCHEMA, "wirestat": view.version}).removesuffix(b"}")


def _typed(kind: str, record: bytes) -> bytes:
    return b'{"type":"%s",%s\n' % (kind.encode(), record.removeprefix(b"{"))
