"""One JSON document, written in chunks: half a million connections are never in memory as one string."""

from collections.abc import Iterable, Iterator

from wirestat.report import kernel_record
from wirestat.report.build import Report
from wirestat.report.compared import records as across
from wirestat.report.compared.build import Compared
from wirestat.report.compared.connections import connections
from wirestat.report.connections import ARRAY, records
from wirestat.report.encoding import encode
from wirestat.report.layout import View
from wirestat.report.records import head
from wirestat.report.stream import Happening


def render(report: Report, view: View, *, lists: bool = True, chosen: bytes | None = None) -> Iterator[bytes]:
    """Yield the document in chunks.

    Without ``lists``, connections and UDP conversations are left out. ``chosen`` has a byte for each connection in
    the order of ids: 0 leaves it out.
    """
    yield encode(head(report, view.version, view.where)).removesuffix(b"}")
    yield from array("findings", map(encode, report.findings))
    if view.beside is not None:
        yield b',\n"kernel":' + encode(
            kernel_record.record(view.beside, view.names, everything=view.everything)
        )
    if lists:
        yield b',\n"connections":['
        before = b"\n"
        for chunk in records(report, ARRAY, chosen):
            yield before + chunk
            before = b""
        yield b"]"
        yield from array("udp", map(encode, report.udp()))
    yield b"}\n"


def compare(
    compared: Compared, view: View, *, lists: bool = True, chosen: bytes | None = None
) -> Iterator[bytes]:
    """Yield the document of a comparison in chunks, with all, no, or only the ``chosen`` connections."""
    yield encode(across.head(compared, view.version, view.where)).removesuffix(b"}")
    yield from array("findings", map(encode, compared.report.findings))
    if lists:
        yield from array("connections", connections(compared, chosen))
    yield b"}\n"


def tell(_happening: Happening, _view: View) -> None:
    """Return ``None``: a document is written at the end, and on request."""


def array(name: str, items: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a list member of an object in chunks, one line per item."""
    yield b',\n"%s":[' % name.encode()
    separator = b"\n"
    for item in items:
        yield separator + item
        separator = b",\n"
    yield b"]"
