"""Wireshark's stream numbers (``tcp.stream``), where they are known to correspond to wirestat's ids.

Both count in the order of first segments, Wireshark from 0 and wirestat from 1. They may differ if addresses and
ports are reused, inside tunnels, and if not all frames were read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wirestat.model import Connection
    from wirestat.report.build import Report


class Stream(int):
    """The id of the connection with this Wireshark stream number, if the numbers agree."""

    @property
    def number(self) -> int:
        """Wireshark's stream number."""
        return self - 1


def agree_up_to(report: Report, id: int) -> bool:
    """Tell whether the connection ``id`` is known to be stream ``id - 1`` in Wireshark."""
    if len(report.captures) != 1 or report.filter or any(report.summary.evicted.values()):
        return False
    columns = report.tables({"connections": ["id", "incarnation", "tunnel"]})["connections"]
    rows = zip(columns["id"].data, columns["incarnation"].data, columns["tunnel"], strict=True)
    return all(incarnation == 1 and not tunnel for number, incarnation, tunnel in rows if number <= id)


def display_filter(report: Report, connection: Connection) -> str:
    """Return the Wireshark display filter for a connection: by its stream, if the numbers agree."""
    from wirestat.diagnosis.filters import of_connection  # imported here, as the options import this module

    if agree_up_to(report, connection.id):
        return f"tcp.stream=={connection.id - 1}"
    return of_connection(connection)
