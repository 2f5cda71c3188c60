"""The kernel's own record: state changes, retransmissions and resets, from tracefs.

Each run uses a private trace instance on the monotonic clock. ``Clock`` ties that clock to
CLOCK_REALTIME, the clock of the captures. The text format has microseconds, so every time here is at
most ``RESOLUTION_NS`` early.
"""

from __future__ import annotations

import os
import re
import socket
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TRACEFS = Path("/sys/kernel/tracing")
INSTANCE_PREFIX = "wirestat-lab-"
RESOLUTION_NS = 1_000
BUFFER_KILOBYTES_PER_CPU = 4096
EVENTS = (
    "sock/inet_sock_set_state",
    "tcp/tcp_retransmit_skb",
    "tcp/tcp_retransmit_synack",
    "tcp/tcp_send_reset",
    "tcp/tcp_receive_reset",
)
REQUIRED_EVENT = EVENTS[0]
UNFILTERED = {"tcp/tcp_send_reset"}
"""Its addresses are longer than the numbers that a filter compares."""

_LINE = re.compile(r"^.*?\s(?P<seconds>\d+)\.(?P<microseconds>\d{6}): (?P<event>\w+): (?P<fields>.*)$")
_FIELD = re.compile(r"(\w+)=(\S+)")


@dataclass(frozen=True)
class KernelEvent:
    """One tracepoint hit. Addresses are those of the socket: source is the machine on which it happened."""

    time_ns: int
    name: str
    source: str
    source_port: int
    destination: str
    destination_port: int
    fields: dict[str, str]


class TraceError(RuntimeError):
    """The kernel's record is missing or has holes."""


class Trace:
    """A private trace instance, from construction to ``close``."""

    def __init__(self) -> None:
        self.path = TRACEFS / "instances" / f"{INSTANCE_PREFIX}{os.getpid()}"
        self.path.mkdir()
        try:
            (self.path / "trace_clock").write_text("mono")
            (self.path / "buffer_size_kb").write_text(str(BUFFER_KILOBYTES_PER_CPU))
        except OSError as error:
            self.close()
            raise TraceError(f"cannot trace {error.filename}: {error.strerror}") from error
        self._offsets = [realtime_minus_monotonic()]

    def begin(self, *addresses: str) -> None:
        """Trace the sockets of these machines: what others on this computer do would fill the buffer."""
        try:
            for event in EVENTS:
                folder = self.path / "events" / event
                if not folder.exists() and event != REQUIRED_EVENT:
                    continue
                if event not in UNFILTERED:
                    (folder / "filter").write_text(filter_of(addresses))
                (folder / "enable").write_text("1")
        except OSError as error:
            raise TraceError(f"cannot trace {error.filename}: {error.strerror}") from error

    def read(self) -> list[KernelEvent]:
        """Stop tracing and return all events in order of time."""
        (self.path / "tracing_on").write_text("0")
        self._offsets.append(realtime_minus_monotonic())
        if abs(self._offsets[-1] - self._offsets[0]) > 10 * RESOLUTION_NS:
            raise TraceError(
                "CLOCK_REALTIME was stepped during the run: captures and trace cannot be compared"
            )
        for statistics in self.path.glob("per_cpu/cpu*/stats"):
            if not re.search(r"^overrun: 0$", statistics.read_text(), re.MULTILINE):
                raise TraceError("the trace buffer was too small: events are missing")
        text = (self.path / "trace").read_text()
        return [event for line in text.splitlines() if (event := parse_line(line, self._offsets[-1]))]

    def close(self) -> None:
        remove_instance(self.path)


def filter_of(addresses: Iterable[str]) -> str:
    """A filter for the events of these machines' sockets, in the kernel's words.

    It compares an IPv4 address as a number in the computer's own order of bytes. For IPv6 there are no such numbers:
    all of that family pass.
    """
    if any(":" in each for each in addresses):
        return f"family == {int(socket.AF_INET6)}"
    numbers = [int.from_bytes(socket.inet_aton(each), sys.byteorder) for each in addresses]
    return " || ".join(f"saddr == {number}" for number in numbers)


def realtime_minus_monotonic() -> int:
    """The offset between the two clocks in ns, from the quickest of several readings."""
    best = (10**9, 0)
    for _ in range(50):
        before = time.monotonic_ns()
        realtime = time.time_ns()
        after = time.monotonic_ns()
        best = min(best, (after - before, realtime - (before + after) // 2))
    return best[1]


def parse_line(line: str, offset_ns: int) -> KernelEvent | None:
    """One line of a trace file, None for comments, and for the socket above the subflows of Multipath TCP."""
    match = _LINE.match(line)
    if match is None:
        return None
    fields = dict(_FIELD.findall(match["fields"]))
    if fields.get("protocol") == "IPPROTO_MPTCP":
        return None
    if "src" in fields:
        source, source_port = _endpoint(fields["src"])
        destination, destination_port = _endpoint(fields["dest"])
    else:
        suffix = "v6" if fields.get("family") == "AF_INET6" else ""
        source, source_port = fields[f"saddr{suffix}"], int(fields["sport"])
        destination, destination_port = fields[f"daddr{suffix}"], int(fields["dport"])
    monotonic_ns = int(match["seconds"]) * 10**9 + int(match["microseconds"]) * 1000
    return KernelEvent(
        monotonic_ns + offset_ns, match["event"], source, source_port, destination, destination_port, fields
    )


def _endpoint(text: str) -> tuple[str, int]:
    """``10.0.0.1:80`` or ``[fd00::1]:80``."""
    address, _, port = text.rpartition(":")
    return address.strip("[]"), int(port)


def remove_instance(path: Path) -> None:
    """Take a trace instance away; a reader that is just leaving may delay it a moment."""
    for _ in range(50):
        with suppress(FileNotFoundError):
            try:
                path.rmdir()
            except OSError as error:
                if isinstance(error, FileNotFoundError):
                    return
                time.sleep(0.02)
                continue
        return


def remove_stale_instances() -> list[str]:
    """Remove the instances of runs whose process is gone; return their names."""
    removed = []
    for path in (TRACEFS / "instances").glob(f"{INSTANCE_PREFIX}*"):
        if not Path("/proc", path.name.removeprefix(INSTANCE_PREFIX)).exists():
            remove_instance(path)
            removed.append(path.name)
    return removed
