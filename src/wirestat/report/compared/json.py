"""A comparison as one JSON document, written as it is made."""

from collections.abc import Iterator

import msgspec

from wirestat.report.compared.build import Compared
from wirestat.report.compared.records import crossing, head
from wirestat.report.connections import OPEN, records
from wirestat.report.json import array

_encode = msgspec.json.Encoder().encode


def render(compared: Compared, version: str, *, connections: bool) -> Iterator[bytes]:
    """Yield the document in pieces, with or without single connections."""
    yield _encode(head(compared, version)).removesuffix(b"}")
    yield from array("findings", map(_encode, compared.report.findings))
    if connections:
        yield from array("connections", _connections(compared))
    yield b"}\n"


def _connections(compared: Compared) -> Iterator[bytes]:
    """Yield the records of connections, each with what happened to it between the points."""
    ids = compared.report.tables({"connections": ["id"]})["connections"]["id"].data
    lines = (line for piece in records(compared.report, OPEN) for line in piece.splitlines())
    for id, line in zip(ids, lines, strict=True):
        yield b'%s,"crossing":%s}' % (line, _encode(crossing(compared.comparison.crossing(id))))
