"""The table of the lists that tabs choose: each is one file under ``panes`` and one entry here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from wirestat.tui.panes.capture import CaptureState
from wirestat.tui.panes.connections import Connections
from wirestat.tui.panes.hosts import Hosts
from wirestat.tui.panes.listeners import Listeners

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.tui.app import Screen
    from wirestat.tui.desk import Look
    from wirestat.tui.listing import Listing


class Tab(msgspec.Struct, frozen=True):
    """A list that a tab chooses."""

    words: str
    """Its name on the page of keys."""
    listing: Callable[[Screen, Look], Listing]
    """Makes the list."""
    total: Callable[[Report | None, Look | None], str] = lambda _report, _look: ""
    """Writes the number of its rows; empty while it is unknown."""
    only: Callable[[Any], str] | None = None
    """The filter that opening the row of a key sets."""


def _connections(screen: Screen, look: Look) -> Listing:
    if screen.remarks is None:
        return Connections(screen.desk, look, screen.names)
    return Connections(screen.desk, look, screen.names, screen.remarks.connection, screen.remarks.older)


def _total_connections(_: Report | None, look: Look | None) -> str:
    if look is None:
        return ""
    of = f" of {look.total:,}" if len(look.ids) != look.total else ""
    older = f" + {len(look.older):,}" if look.older else ""
    return f"{len(look.ids):,}{of}{older}"


def _listeners(screen: Screen, _: Look) -> Listing:
    report = screen.desk.report
    rows = report.summary.listeners if report else ()
    return Listeners(rows, screen.remarks.listener) if screen.remarks else Listeners(rows)


def _hosts(screen: Screen, _: Look) -> Listing:
    report = screen.desk.report
    return Hosts(report.summary.paths if report else ())


def _capture(screen: Screen, _: Look) -> Listing:
    return CaptureState(screen.desk.report, screen.feed.vitals, is_live=screen.feed.title.is_live)


TABS = {
    "connections": Tab("connections", _connections, _total_connections),
    "listeners": Tab(
        "listeners",
        _listeners,
        lambda report, _: f"{len(report.summary.listeners):,}" if report else "",
        lambda key: f"addr=={key[0]} && server.port=={key[1]}",
    ),
    "hosts": Tab(
        "hosts and paths",
        _hosts,
        lambda report, _: f"{len(report.summary.paths):,}" if report else "",
        lambda key: f"client.addr=={key[0]} && server.addr=={key[1]}",
    ),
    "capture": Tab("the capture", _capture),
}
"""Every list by the name on its tab, in their order."""
