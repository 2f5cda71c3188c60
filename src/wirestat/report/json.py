"""One JSON document, written as it is made: half a million connections never stand in memory as one string."""

from collections.abc import Iterable, Iterator

import msgspec

from wirestat.model import Connection
from wirestat.report.build import Report
from wirestat.report.records import Connections, head

_encode = msgspec.json.Encoder().encode


def render(report: Report, version: str, connections: Iterable[Connection] | None) -> Iterator[bytes]:
    """Yield the document in pieces.

    ``connections`` are those to write; ``None`` leaves the long lists out.
    """
    yield _encode(head(report, version)).removesuffix(b"}")
    yield from array("findings", map(_encode, report.findings))
    if connections is not None:
        record = Connections(report).record
        yield from array("connections", (_encode(record(item)) for item in connections))
        yield from array("udp", map(_encode, report.udp()))
    yield b"}\n"


def array(name: str, items: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a member of an object that is a list, in pieces, a line for each item."""
    yield b',\n"%s":[' % name.encode()
    separator = b"\n"
    for item in items:
        yield separator + item
        separator = b",\n"
    yield b"]"
