"""JSON, one object a line, each with its ``type``: for pipes, log shippers and ``jq`` without ``--stream``.

The lines come in this order: one ``report``, the ``finding`` lines, the ``connection`` lines, the ``udp`` lines.
``report`` is the JSON document without its lists.
"""

from collections.abc import Iterable, Iterator

import msgspec

from wirestat.model import Connection
from wirestat.report.build import Report
from wirestat.report.records import Connections, head

_encode = msgspec.json.Encoder().encode


def render(report: Report, version: str, connections: Iterable[Connection] | None) -> Iterator[bytes]:
    """Yield line by line.

    ``connections`` are those to write; ``None`` leaves connections and UDP conversations out.
    """
    yield _line("report", head(report, version))
    for finding in report.findings:
        yield _line("finding", finding)
    if connections is not None:
        record = Connections(report).record
        for item in connections:
            yield _line("connection", record(item))
        for conversation in report.udp():
            yield _line("udp", conversation)


def _line(kind: str, record: msgspec.Struct) -> bytes:
    return b'{"type":"%s",%s\n' % (kind.encode(), _encode(record).removeprefix(b"{"))
