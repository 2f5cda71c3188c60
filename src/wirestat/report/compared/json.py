"""A comparison as one JSON document, written as it is made."""

from collections.abc import Iterator

import msgspec

from wirestat.report.compared.build import Compared
from wirestat.report.compared.records import Connections, head
from wirestat.report.json import array

_encode = msgspec.json.Encoder().encode


def render(compared: Compared, version: str, *, connections: bool) -> Iterator[bytes]:
    """Yield the document in pieces, with or without single connections."""
    yield _encode(head(compared, version)).removesuffix(b"}")
    yield from array("findings", map(_encode, compared.report.findings))
    if connections:
        record = Connections(compared).record
        yield from array("connections", (_encode(record(item)) for item in compared.report.connections()))
    yield b"}\n"
