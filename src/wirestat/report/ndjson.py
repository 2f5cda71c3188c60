"""JSON, one object per line, each with its ``type``: for pipes, log shippers and ``jq`` without ``--stream``.

The lines come in this order: one ``report``, the ``finding`` lines, the ``connection`` lines, the ``udp`` lines, and
for a live capture one ``kernel``. ``report`` is the JSON document without its lists; for a comparison, ``comparison``
takes its place.
"""

from collections.abc import Iterator

import msgspec

from wirestat.model import Event, Transition
from wirestat.report import kernel_record
from wirestat.report.build import Report
from wirestat.report.compared import records as across
from wirestat.report.compared.build import Compared
from wirestat.report.compared.connections import connections
from wirestat.report.connections import LINES, records
from wirestat.report.course import Course
from wirestat.report.disagreement import Disagreement, fields
from wirestat.report.encoding import encode
from wirestat.report.layout import View
from wirestat.report.records import fact, head
from wirestat.report.stream import Happening


def render(report: Report, view: View, *, lists: bool = True, chosen: bytes | None = None) -> Iterator[bytes]:
    """Yield line by line, connections many lines at once.

    Without ``lists``, connections and UDP conversations are left out. ``chosen`` has a byte for each connection in
    the order of ids: 0 leaves it out.
    """
    yield _line("report", head(report, view.version, view.where))
    for finding in report.findings:
        yield _line("finding", finding)
    if lists:
        yield from records(report, LINES, chosen)
        for conversation in report.udp():
            yield _line("udp", conversation)
    if view.beside is not None:
        yield _line("kernel", kernel_record.record(view.beside, view.names, everything=view.everything))


def compare(
    compared: Compared, view: View, *, lists: bool = True, chosen: bytes | None = None
) -> Iterator[bytes]:
    """Yield a comparison line by line, with all, no, or only the ``chosen`` connections."""
    yield _line("comparison", across.head(compared, view.version, view.where))
    for finding in compared.report.findings:
        yield _line("finding", finding)
    if lists:
        for record in connections(compared, chosen):
            yield _typed("connection", record)


def tell(happening: Happening, view: View) -> str:
    """Return one JSON object: ``transition``, ``fact``, ``finding`` or ``closed``."""
    match happening:
        case Event():
            what = happening.what
            kind, change = ("transition", what) if isinstance(what, Transition) else ("fact", fact(what))
            ends = {
                "connection": happening.connection,
                "client": _end(happening.client, happening.client_state),
                "server": _end(happening.server, happening.server_state),
                **_processes(happening.client, happening.server, view),
            }
            record = {"type": kind, **ends, **msgspec.to_builtins(change)}
        case Course():
            when = {"change": happening.change, "time_ns": happening.time_ns, "open_ns": happening.open_ns}
            record = {"type": "finding", **when, **msgspec.to_builtins(happening.finding)}
        case Disagreement():
            record = {
                "type": "disagreement",
                "change": happening.change,
                "time_ns": happening.time_ns,
                **fields(happening.difference),
                "explanation": happening.explanation,
            }
        case _:
            client, server = ((end.address, end.port) for end in (happening.client, happening.server))
            record = {"type": "closed", **_processes(client, server, view), **msgspec.to_builtins(happening)}
    return encode(record).decode()


def _processes(client: tuple[str, int], server: tuple[str, int], view: View) -> dict[str, object]:
    """Return the processes of the ends on this host, as known from the kernel; none if it is not asked."""
    if view.beside is None:
        return {}
    return {
        f"{side}_process": holder and {name: getattr(holder, name) for name in holder.__struct_fields__}
        for side, holder in zip(("client", "server"), view.beside.holders(client, server), strict=True)
    }


def _end(socket: tuple[str, int], state: str) -> dict[str, object]:
    return {"address": socket[0], "port": socket[1], "state": state}


def _line(kind: str, record: msgspec.Struct) -> bytes:
    return _typed(kind, encode(record))


def _typed(kind: str, record: bytes) -> bytes:
    return b'{"type":"%s",%s\n' % (kind.encode(), record.removeprefix(b"{"))
