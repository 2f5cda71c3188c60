"""The packets of one connection, read again from captures: for writing, or for a ladder."""

from __future__ import annotations

import struct
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from wirestat.errors import InputError, UsageError
from wirestat.model import Connection

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.timers import Timers

_EMPTY = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
"""A pcap file without packets."""


def expression(connection: Connection) -> str:
    """Return a tcpdump filter for the packets of a connection, with or without VLAN tags.

    Raises:
        UsageError: it is in a tunnel, which such a filter cannot match.
    """
    if connection.tunnel:
        raise UsageError(
            f"connection {connection.id} travels in {connection.tunnel}: no filter finds its packets"
        )
    return f"({plain(connection)}) or (vlan and {plain(connection)})"


def plain(connection: Connection) -> str:
    """Write the filter for packets without VLAN tags."""
    one, other = connection.client, connection.server
    return f"host {one.address} and host {other.address} and tcp port {one.port} and tcp port {other.port}"


def write(paths: Sequence[str], connection: Connection, target: Path, timers: Timers) -> int:
    """Write the packets of a connection's addresses and ports as pcapng; return how many there were.

    Raises:
        UsageError: it travels in a tunnel, or the file cannot be written.
        InputError: nothing can be read any more.
    """
    from wirestat.capture.filters import by_link_type
    from wirestat.capture.native import NativeSource
    from wirestat.capture.recording import Recording, begin
    from wirestat.tracker import Tracker

    program = by_link_type(expression(connection))
    source = NativeSource(paths)
    tracker = Tracker(timers)
    tracker.core.filter(program)
    recorder = begin(Recording(path=str(target)))
    tracker.core.record(recorder)
    try:
        source.drain(tracker.core)
    finally:
        recorder.close(tracker.core.intake().last_time_ns or time.time_ns())
        source.close()
    if (failed := recorder.status()[2]) is not None:
        raise UsageError(f"{failed[0]}: {failed[1]}")
    return tracker.core.intake().frames


def rehearse() -> None:
    """Read an empty capture, to load all code for reading one again."""
    import wirestat

    with tempfile.NamedTemporaryFile(suffix=".pcap") as empty:
        empty.write(_EMPTY)
        empty.flush()
        wirestat.analyze(empty.name, filter="tcp", trace="all")


def traced(paths: Sequence[str], connection: Connection, timers: Timers) -> tuple[Report, Connection]:
    """Read captures again, to have every segment of a connection.

    Raises:
        InputError: it is not in them, or they cannot be read any more.
    """
    import wirestat

    chosen = expression(connection)
    id = _find(wirestat.analyze(*paths, timers=timers, filter=chosen), connection)
    report = wirestat.analyze(*paths, timers=timers, filter=chosen, trace=id)
    return report, report.connection(id)


def _find(report: Report, wanted: Connection) -> int:
    """Return the id that the connection has among those of its addresses and ports."""
    alike = [
        one
        for one in report.connections()
        if one.first_time_ns <= wanted.last_time_ns and one.last_time_ns >= wanted.first_time_ns
    ]
    if not alike:
        raise InputError("missing", "recent packets", None, "none of them is of this connection")
    return min(alike, key=lambda one: abs(one.first_time_ns - wanted.first_time_ns)).id
