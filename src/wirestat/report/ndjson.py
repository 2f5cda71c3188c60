"""JSON, one object a line, each with its ``type``: for pipes, log shippers and ``jq`` without ``--stream``.

The lines come in this order: one ``report``, the ``finding`` lines, the ``connection`` lines, the ``udp`` lines.
``report`` is the JSON document without its lists.
"""

from collections.abc import Iterator

import msgspec

from wirestat.report.build import Report
from wirestat.report.connections import LINES, records
from wirestat.report.records import head

_encode = msgspec.json.Encoder().encode


def render(
    report: Report, version: str, *, lists: bool = True, chosen: bytes | None = None
) -> Iterator[bytes]:
    """Yield line by line, connections many lines at once.

    Without ``lists``, connections and UDP conversations are left out. ``chosen`` has a byte for each connection in
    the order of ids: 0 leaves it out.
    """
    yield _line("report", head(report, version))
    for finding in report.findings:
        yield _line("finding", finding)
    if lists:
        yield from records(report, LINES, chosen)
        for conversation in report.udp():
            yield _line("udp", conversation)


def _line(kind: str, record: msgspec.Struct) -> bytes:
    return b'{"type":"%s",%s\n' % (kind.encode(), _encode(record).removeprefix(b"{"))
