"""The options of ``wirestat live`` in one value, checked together."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wirestat.commands.request import TrackingOptions, judge_tables
from wirestat.errors import UsageError
from wirestat.model import Severity, State
from wirestat.report.formats import TEXT
from wirestat.sizes import size
from wirestat.timers import SECOND, duration

if TYPE_CHECKING:
    from wirestat.capture.engines import Engine
    from wirestat.capture.recording import Recording
    from wirestat.commands.outlet_process import OutletPlan
    from wirestat.history.keeper import Keeping

_MILLION = 1_000_000
_PARTS = 8
"""Number of files for recent packets: the oldest is deleted when a new one starts."""
_MOST_BYTES = 256 << 20
"""Maximum size of recent packets, in bytes, however long they are to be kept."""
AN_HOUR = "1h"
"""The default length of a history interval."""
SCREEN = "screen"
"""Not a format: the full-screen interface."""


class LiveRequest(TrackingOptions, frozen=True, kw_only=True):
    """The command line, its values read."""

    expression: tuple[str, ...]
    interfaces: tuple[str, ...]
    read: str | None
    follow: str | None
    engine: Engine
    display_filter: str | None
    finding: str | None
    where: Any
    """A ``Question`` of ``report.selection``, loaded only if there is one; else ``None``."""
    tshark: str | None
    capture_filter: str | None
    write: str | None
    annotate: bool
    rotate_size: str | None
    rotate_time: str | None
    keep_files: int | None
    count: int
    duration: str | None
    snaplen: int
    ring: int
    no_promiscuous: bool
    user: str | None
    sandbox: bool
    format: str | None
    output: Path | None
    tables: tuple[str, ...]
    plain: bool
    keep: str
    store: Path | None
    store_every: str
    store_keep: str | None
    states: frozenset[State]
    fail_on: str | None
    every: str | None
    kernel: bool
    check: bool
    everything: bool
    netns: tuple[str, ...]
    metrics: str | None
    metrics_file: str | None
    metrics_sockets: int
    on_finding: str | None
    webhook: str | None
    alert_every: str
    alert_on: str
    list_interfaces: bool
    numeric: int

    @property
    def bpf(self) -> str:
        """The capture filter, given by option or by words."""
        words = " ".join(self.expression)
        both = [part for part in (self.capture_filter, words) if part]
        return both[0] if len(both) == 1 else " and ".join(f"({part})" for part in both)

    @property
    def file(self) -> str | None:
        """The file or pipe to read instead of interfaces."""
        return self.read or self.follow

    @property
    def seconds(self) -> float | None:
        """The duration; ``None`` for ever."""
        return duration(self.duration) / SECOND if self.duration else None

    def keeping(self) -> Keeping | None:
        """Return the history to record, if any.

        Raises:
            UsageError: the input is a finished file, or the interval is 0.
        """
        if self.store is None:
            if self.store_keep is not None or self.store_every != AN_HOUR:
                raise UsageError("--store-every and --store-keep need --store")
            return None
        if self.read:
            raise UsageError("--store keeps what is captured; 'wirestat batch' makes tables of files")
        from wirestat.history.keeper import Keeping

        every_ns = duration(self.store_every)
        if every_ns < SECOND:
            raise UsageError("--store-every takes a second at least")
        keep_ns, keep_bytes = _kept(self.store_keep)
        return Keeping(self.store.absolute(), every_ns, keep_ns, keep_bytes)

    def recording(self) -> Recording | None:
        """Return the packet files to write, if any."""
        if self.write is None:
            if self.annotate:
                raise UsageError("--annotate needs -w")
            if self.rotate_size or self.rotate_time or self.keep_files:
                raise UsageError("-C, -G and -W need -w")
            return None
        from wirestat.capture.recording import Recording

        return Recording(
            path=self.write,
            max_bytes=octets(self.rotate_size) if self.rotate_size else 0,
            max_seconds=duration(self.rotate_time) // SECOND if self.rotate_time else 0,
            max_files=self.keep_files or 0,
        )

    @property
    def rotates(self) -> bool:
        """Whether several files are written."""
        return bool(self.rotate_size or self.rotate_time)

    @property
    def asks_kernel(self) -> bool:
        """Whether this host's kernel is asked about its sockets: only for packets captured here."""
        return self.kernel and self.file is None and sys.platform.startswith("linux")

    @property
    def pause(self) -> float | None:
        """Seconds between two tables; ``None`` for no tables."""
        return duration(self.every) / SECOND if self.every else None

    @property
    def threshold(self) -> Severity | None:
        """The lowest severity that counts as a failure."""
        return Severity(self.fail_on) if self.fail_on else None

    @property
    def question(self) -> Any:
        """``--state`` and ``--where`` combined; ``None`` for all connections."""
        if not self.states:
            return self.where
        from wirestat.report.selection import asked

        states = f"state in {{{', '.join(sorted(self.states))}}}"
        return asked(f"{states} && ({self.where.text})" if self.where else states)

    @property
    def plan(self) -> OutletPlan | None:
        """The outlets for metrics and alerts; ``None`` if there are none."""
        from wirestat.commands.outlet_options import plan_of

        return plan_of(self)

    def judge(self) -> None:
        """Reject contradictory options.

        Raises:
            UsageError: two of the options contradict each other.
        """
        _ = self.profile, self.seconds, kept(self.keep), self.plan, self.keeping()
        judge_tables(self.tables, self.format or TEXT)
        if self.finding and (self.output or self.every is not None or self.format not in (None, TEXT)):
            raise UsageError("--finding shows findings as text at the end, in place of the report")
        if self.output is not None and self.format == SCREEN:
            raise UsageError("-o writes the final report, and the screen has none")
        if self.every is not None and (not self.pause or self.format not in (None, TEXT)):
            raise UsageError("--every prints a text table, at an interval longer than 0")
        if not self.asks_kernel and (self.check or self.everything or self.netns):
            raise UsageError("--check, -a and --netns need this host's kernel, which is not asked")
        if self.plain and self.format == SCREEN:
            raise UsageError("--plain and --format screen exclude each other")
        if self.file and self.interfaces:
            raise UsageError("-i captures, -r and --follow read: choose one")
        if not self.file and len(self.expression) == 1 and Path(self.expression[0]).is_file():
            name = self.expression[0]
            raise UsageError(f"{name} is a file, not a filter", hint=f"'wirestat live -r {name}' reads it")
        if self.read and self.follow:
            raise UsageError("-r and --follow both name what to read")
        if self.follow and self.engine != "native":
            raise UsageError("only the native engine follows files")
        if self.write and self.engine == "pyshark":
            raise UsageError("the engine pyshark writes no captures", hint="the native engine does")


def octets(text: str) -> int:
    """Parse a size: a bare number is millions of bytes, as in tcpdump; ``k``, ``m`` and ``g`` are powers of 1024.

    >>> octets("100"), octets("64k"), octets("1.5 KiB"), octets("100b")
    (100000000, 65536, 1536, 100)
    """
    read = size(text, is_binary=True)
    if not read:
        raise UsageError(f"{text!r} is not a size", hint="write it as 100 (million bytes), 500k, 64m or 2g")
    if text.strip().isdecimal():
        read *= _MILLION
    if read >= 1 << 63:
        raise UsageError(f"{text!r} is more than any file holds")
    return read


def kept(text: str) -> Recording | None:
    """Parse how many recent packets to keep: a duration, or a size; ``None`` for none.

    Raises:
        UsageError: it is neither.
    """
    from wirestat.capture.recording import Recording

    if text == "0":
        return None
    try:
        seconds = max(1, duration(text) // SECOND // (_PARTS - 1)) if not text.isdecimal() else None
    except UsageError:
        seconds = None
    most = octets(text) if seconds is None else _MOST_BYTES
    return Recording(
        path="",
        max_bytes=max(1 << 16, most // _PARTS),
        max_seconds=seconds or 0,
        max_files=_PARTS,
    )


def _kept(text: str | None) -> tuple[int | None, int | None]:
    """Parse the age or size limit of the history: ``30d`` or ``50G``."""
    if text is None:
        return None, None
    if text.strip().lower().endswith(("b", "k", "g", "t")) or text.strip().endswith("M"):
        return None, octets(text)
    return duration(text), None
