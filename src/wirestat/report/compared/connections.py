"""The connections of a comparison as JSON, each with what happened to it between the points."""

from collections.abc import Iterator

import msgspec

from wirestat.report.compared.build import Compared
from wirestat.report.compared.records import crossing
from wirestat.report.connections import OPEN, records

_encode = msgspec.json.Encoder().encode


def connections(compared: Compared, chosen: bytes | None = None) -> Iterator[bytes]:
    """Yield one object for each connection, or for each of those that have a byte in ``chosen`` that is not 0."""
    ids = compared.report.tables({"connections": ["id"]}, chosen)["connections"]["id"].data
    lines = (line for piece in records(compared.report, OPEN, chosen) for line in piece.splitlines())
    for id, line in zip(ids, lines, strict=True):
        yield b'%s,"crossing":%s}' % (line, _encode(crossing(compared.comparison.crossing(id))))
