"""The connections of a comparison as JSON, each with what happened to it between the points."""

from collections.abc import Iterator

import msgspec

from wirestat.report.compared.build import Compared
from wirestat.report.compared.records import crossing
from wirestat.report.connections import OPEN, records

_encode = msgspec.json.Encoder().encode


def connections(compared: Compared) -> Iterator[bytes]:
    """Yield one object for each connection."""
    ids = compared.report.tables({"connections": ["id"]})["connections"]["id"].data
    lines = (line for piece in records(compared.report, OPEN) for line in piece.splitlines())
    for id, line in zip(ids, lines, strict=True):
        yield b'%s,"crossing":%s}' % (line, _encode(crossing(compared.comparison.crossing(id))))
