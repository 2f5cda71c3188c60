"""The connections of a comparison as JSON, each with its incidents between the points."""

from collections.abc import Iterator

import msgspec

from wirestat.report.compared.build import Compared
from wirestat.report.compared.records import crossing
from wirestat.report.connections import OPEN, records

_encode = msgspec.json.Encoder().encode


def connections(compared: Compared, chosen: bytes | None = None) -> Iterator[bytes]:
    """Yield one object per connection, or only for those with a nonzero byte in ``chosen``."""
    ids = compared.report.tables({"connections": ["id"]}, chosen)["connections"]["id"].data
    lines = (line for chunk in records(compared.report, OPEN, chosen) for line in chunk.splitlines())
    for id, line in zip(ids, lines, strict=True):
        yield b'%s,"crossing":%s}' % (line, _encode(crossing(compared.comparison.crossing(id))))
