"""One JSON document, written as it is made: half a million connections never stand in memory as one string."""

from collections.abc import Iterable, Iterator

import msgspec

from wirestat.report.build import Report
from wirestat.report.connections import ARRAY, records
from wirestat.report.records import head

_encode = msgspec.json.Encoder().encode


def render(
    report: Report, version: str, *, lists: bool = True, chosen: bytes | None = None
) -> Iterator[bytes]:
    """Yield the document in pieces.

    Without ``lists``, connections and UDP conversations are left out. ``chosen`` has a byte for each connection in
    the order of ids: 0 leaves it out.
    """
    yield _encode(head(report, version)).removesuffix(b"}")
    yield from array("findings", map(_encode, report.findings))
    if lists:
        yield b',\n"connections":['
        before = b"\n"
        for piece in records(report, ARRAY, chosen):
            yield before + piece
            before = b""
        yield b"]"
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
