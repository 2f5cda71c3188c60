"""Tracking packets as they are sniffed: a callback for scapy's ``sniff`` or ``AsyncSniffer``.

>>> tracking = Tracking()
>>> sniffer = AsyncSniffer(iface="eth0", prn=tracking, store=False)  # doctest: +SKIP
>>> tracking.report().summary.connections
0
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from wirestat.capture.tally import Tally
from wirestat.timers import profile
from wirestat.tracker import Tracker

if TYPE_CHECKING:
    from wirestat.capture.scapy_engine import Feeder
    from wirestat.model import Capture, Connection, Event
    from wirestat.report.build import Report
    from wirestat.timers import Timers
    from wirestat.tracked import Keep


class Tracking:
    """Takes scapy packets one by one, and reports on them at any time, from any thread."""

    def __init__(self, timers: str | Timers = "linux", *, keep: Keep = "all", events: bool = False) -> None:
        """Begin with nothing. With ``events``, changes are queued for :meth:`events`; with ``keep="summary"``,
        connections that are over are dropped, so that it can run for ever.

        Raises:
            UsageError: the timer profile is unknown.
        """
        self.timers = profile(timers) if isinstance(timers, str) else timers
        self.keep: Keep = keep
        self.errors = 0
        """Packets that could not be read. They raise nothing: an exception would silently end scapy's capture."""
        self.last_error: Exception | None = None
        self.waited_until_ns: int | None = None
        """The instant up to which timers have run, in Unix ns: later than the last packet during a silence."""
        self._tracker = Tracker(self.timers, release=keep == "summary", events=events)
        self._lock = threading.Lock()
        self._tally = Tally()
        self._feeder: Feeder | None = None

    def __call__(self, packet: Any) -> None:
        """Take a packet; returns ``None``, so that as a ``prn`` it prints nothing."""
        with self._lock:
            try:
                self._feed(packet)
            except Exception as error:  # any error: the capture must go on
                self.errors += 1
                self.last_error = error

    def advance(self, now_ns: int) -> None:
        """Run timers up to ``now_ns`` (Unix ns) while nothing is sniffed."""
        with self._lock:
            self.waited_until_ns = now_ns
            self._tracker.advance(now_ns)

    def events(self) -> Iterator[Event]:
        """Yield the changes since the last call."""
        with self._lock:
            return iter(list(self._tracker.events()))

    def connections(self) -> Iterator[Connection]:
        """Yield the connections as best known now."""
        with self._lock:
            return iter(list(self._tracker.connections()))

    def report(self) -> Report:
        """Return the report on all packets so far."""
        from wirestat.report.build import build
        from wirestat.tracked import Tracked

        with self._lock:
            return build(Tracked(self, self._tracker, self.timers, self.keep))

    def captures(self) -> tuple[Capture, ...]:
        """Return the number of packets as a capture."""
        return (self._tally.capture("packets", "scapy"),)

    def _feed(self, packet: Any) -> None:
        from wirestat.capture.scapy_engine import Feeder, framed, note

        if self._feeder is None:
            self._feeder = Feeder(self._tracker.core)
        frames = [framed(packet)]
        note(self._tally, frames)
        self._feeder.feed(frames)
