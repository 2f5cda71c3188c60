"""Outlets of a live capture: metrics, served or in a file, and alerts.

A separate process does this, forked as the unprivileged user before the sandbox closes: it runs programs and opens
connections, and no packet ever reaches it. It is sent texts and findings; slow receivers miss some, and the capture
never waits.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wirestat.commands.outlet_process import OutletPlan, run
from wirestat.errors import PermissionDenied, UsageError
from wirestat.export.metrics import families
from wirestat.export.openmetrics import openmetrics, prometheus
from wirestat.report.course import Findings
from wirestat.system import is_root

if TYPE_CHECKING:
    from collections.abc import Callable

    from wirestat.capture.privileges import User
    from wirestat.commands.voice import Voice
    from wirestat.model import Finding
    from wirestat.report.build import Report
    from wirestat.report.course import Course
    from wirestat.tracker import Tracker

_BUFFER = 4 << 20
_LOOPBACK = "127.0.0.1"
_IN_A_MINUTE = 30
"""Maximum alerts per period, over all findings."""
_WAIT = 10.0
"""Seconds that pending alerts have at the end."""


def read_listen(text: str) -> tuple[str, int]:
    """Parse ``[ADDR]:PORT``; the default address is loopback.

    >>> read_listen(":9100"), read_listen("[::1]:9100")
    (('127.0.0.1', 9100), ('::1', 9100))

    Raises:
        UsageError: it is neither.
    """
    address, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or not 0 < int(port) < 1 << 16:
        raise UsageError(
            f"{text!r} is not an address to listen on", hint="write it as :9100, 0.0.0.0:9100 or [::1]:9100"
        )
    return address.removeprefix("[").removesuffix("]") or _LOOPBACK, int(port)


class Outlet:
    """Metrics and alerts of a capture."""

    def __init__(self, plan: OutletPlan, tracker: Tracker, voice: Voice) -> None:
        """Open the port while privileges may be there.

        Raises:
            UsageError: the port cannot be listened on.
            PermissionDenied: it may not.
        """
        self._plan = plan
        self._tracker = tracker
        self._voice = voice
        self._listener = _listening(plan.listen) if plan.listen else None
        self.asked_for: Callable[[Finding], bool] = lambda _finding: True
        """The current findings, for alerts and counts."""
        self._findings = Findings(lambda finding: self.asked_for(finding))
        self._opened: Counter[tuple[str, str]] = Counter()
        self._alerted: dict[tuple[str, str], float] = {}
        self._lately: list[float] = []
        self._suppressed = self._all_suppressed = 0
        self._own: socket.socket | None = None
        self._process = 0

    def rehearse(self, report: Report) -> None:
        """Load all code that will be needed: nothing can be loaded once privileges are given up."""
        openmetrics(families(report, self._tracker.core.intake(), {}, sockets=self._plan.sockets))

    def start(self, user: User | None) -> None:
        """Fork the process, before the sandbox closes. It becomes ``user`` if it is still root."""
        self._own, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (self._own, other):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        self._process = os.fork()
        if self._process == 0:
            run(self._plan, other, self._listener, user if is_root() else None)
        other.close()
        if self._listener is not None:
            self._listener.close()
        self._own.setblocking(False)

    def see(self, report: Report) -> None:
        """Take a new report."""
        for course in self._findings.learn(report.findings, report.end_ns):
            if course.change == "opened":
                self._opened[course.finding.id, course.finding.severity.value] += 1
            if self._plan.alerts and course.finding.severity.rank >= self._plan.threshold.rank:
                self._alert(course)
        if self._plan.listen or self._plan.file:
            intake, sockets = self._tracker.core.intake(), self._plan.sockets
            told = tuple(families(report, intake, self._opened, sockets=sockets))
            if self._plan.listen:
                self._send(b"M", openmetrics(told).encode())
            if self._plan.file:
                self._send(b"P", prometheus(told).encode())

    def close(self) -> None:
        """Wait for pending alerts, and say how many were suppressed."""
        if self._own is None:
            return
        self._own.close()
        end = time.monotonic() + _WAIT
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(self._process, os.WNOHANG) == (0, 0) and time.monotonic() < end:
                time.sleep(0.02)
        if self._all_suppressed:
            self._voice.warning(f"{self._all_suppressed:,} alerts were suppressed: they came too fast")

    def _alert(self, course: Course) -> None:
        """Send an alert, unless its finding, or all findings together, reached their rate limit."""
        now = time.monotonic()
        which = course.finding.id, course.finding.where
        self._lately = [then for then in self._lately if now - then < 60]
        before = self._alerted.get(which)
        is_too_soon = before is not None and now - before < self._plan.alert_every
        if is_too_soon or len(self._lately) >= _IN_A_MINUTE:
            self._suppressed += 1
            self._all_suppressed += 1
            return
        alert = {
            "change": course.change,
            "name": course.name,
            "time_ns": course.time_ns,
            "suppressed": self._suppressed,
            "finding": course.finding,
        }
        if self._send(b"F", msgspec.json.encode(alert)):
            self._alerted[which] = now
            self._lately.append(now)
            self._suppressed = 0
        else:
            self._suppressed += 1
            self._all_suppressed += 1
        if len(self._alerted) > 10_000:
            self._alerted.clear()

    def _send(self, kind: bytes, message: bytes) -> bool:
        try:
            return self._own is not None and self._own.send(kind + message) > 0
        except OSError:  # the process is too slow, or gone
            return False


def _listening(where: tuple[str, int]) -> socket.socket:
    address, port = where
    try:
        family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server(where, family=family)
    except PermissionError:
        raise PermissionDenied(f"listening on {address}:{port}") from None
    except OSError as error:
        # Python appends the attempted action to the system's message.
        reason = (os.strerror(error.errno) if error.errno else str(error)).lower()
        raise UsageError(f"cannot listen on {address}:{port}: {reason}") from None


def checked_file(path: str) -> str:
    """Return the path of a file for metrics.

    Raises:
        UsageError: its folder does not exist, or it is a folder itself.
    """
    if not Path(path).parent.is_dir():
        raise UsageError(f"cannot write {path}: no such folder")
    if Path(path).is_dir():
        raise UsageError(f"--metrics-file {path!r} is not a file")
    return path
