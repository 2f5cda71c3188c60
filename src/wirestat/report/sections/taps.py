"""The position of the tap on the path of each pair of hosts, as far as their handshakes show it."""

from collections.abc import Iterator
from itertools import islice

from wirestat.diagnosis.study.tap import Tap
from wirestat.report.build import Report
from wirestat.report.layout import GAP, View, paragraph
from wirestat.spans import span
from wirestat.words import some

_PATHS = 3
"""The default number of paths: the busiest."""


def lines(report: Report, view: View) -> Iterator[str]:
    """Yield a line for each of the busiest paths."""
    told = report.taps.paths()
    shown = len(told) if view.full else min(_PATHS, len(told))
    for (client, server), tap in islice(told.items(), shown):
        text = (
            f"tap: {_place(client, server, tap)} ({tap.confidence}, by {some(tap.handshakes, 'handshake')})"
        )
        yield from paragraph(text, "", view.width, hang=GAP)
    if len(told) > shown:
        yield f"{GAP}… and {some(len(told) - shown, 'more path')}: -v shows all"


def _place(client: str, server: str, tap: Tap) -> str:
    if tap.side is None:
        return (
            f"between client {client}, {span(tap.to_client_ns)} away and back, and server {server}, "
            f"{span(tap.to_server_ns)}"
        )
    near, far = (client, server) if tap.side == "client" else (server, client)
    away = tap.to_server_ns if tap.side == "client" else tap.to_client_ns
    other = "server" if tap.side == "client" else "client"
    return f"at {tap.side} {near}; {other} {far} is {span(away)} away and back"
