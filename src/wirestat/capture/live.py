"""Live capture on Linux: the core reads the rings of one or several packet sockets, block by block."""

from __future__ import annotations

import errno
import os
import select
import time
from collections.abc import Callable, Sequence

import msgspec

from wirestat import _core
from wirestat.capture import filters
from wirestat.capture.afpacket import PacketSocket
from wirestat.capture.interfaces import ANY, names
from wirestat.capture.ring import BLOCK, RETIRE_MS
from wirestat.capture.source import Progress
from wirestat.model import Capture, Interface
from wirestat.titles import printable

_AT_ONCE = 32
"""Blocks of one ring that are read before other rings and other work get their turn."""
_WAIT_MS = 100
_GATHER = 0.04
"""Maximum seconds to wait for more blocks once one is ready: waking up for each costs more than reading it."""
_WHOLE_RATE, _HEADER_RATE = 3_200_000_000, 800_000_000
"""Bytes per second that must not fill a ring while blocks gather. Whole packets: more than 10 Gbit/s. Headers: four
million packets per second."""
_LOOK = 0.02
"""Minimum seconds between two progress callbacks, which can wait longer than blocks."""
_TICK = 1.0
"""Seconds between two reads of the kernel's counters, and between two runs of timers."""
_SLACK_NS = 4 * RETIRE_MS * 1_000_000
"""The most that an unseen packet can lag behind the clock, in ns, when the rings are empty."""


class LiveOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The capture options."""

    expression: str = ""
    """As in ``pcap-filter(7)``."""
    promiscuous: bool = True
    snaplen: int = filters.SNAPLEN
    """Bytes captured of each packet."""
    ring_bytes: int = 32 << 20
    """Bytes of the ring of each interface."""
    headers_only: bool = False
    """Whether only the headers of segments are needed."""


class _Tap(msgspec.Struct):
    """One socket, with its counts."""

    socket: PacketSocket
    frames: int = 0
    remarks: list[str] = msgspec.field(default_factory=list)
    gone: str | None = None


class LiveSource:
    """Captures on interfaces until told to stop, or until none is left."""

    def __init__(self, interfaces: Sequence[str], options: LiveOptions | None = None) -> None:
        """Open the sockets, which needs privileges. Packets wait in the rings.

        Raises:
            PermissionDenied: capturing needs CAP_NET_RAW.
            UsageError: there is no such interface, or the filter expression is invalid.
        """
        options = options or LiveOptions()
        self._options = options
        self._taps: list[_Tap] = []
        self._core: _core.Tracker | None = None
        self._recorder: _core.Recorder | None = None
        self._program: Callable[[int], filters.Program] | None = None
        self._next_tick = 0.0
        self.waited_until_ns: int | None = None
        """The instant up to which timers have run, in Unix ns: later than the last packet during a silence."""
        try:
            for name in dict.fromkeys(interfaces):
                tap = PacketSocket(
                    name,
                    options.expression,
                    promiscuous=options.promiscuous,
                    snaplen=options.snaplen,
                    ring_bytes=options.ring_bytes,
                    headers_only=options.headers_only,
                )
                self._taps.append(_Tap(tap))
            if any(tap.socket.filtered_by_core for tap in self._taps):
                # Compiled now, while modules can still be loaded.
                self._program = filters.by_link_type(options.expression)
        except OSError as error:
            self.close()
            error.filename = error.filename or f"capturing on {name}"
            raise
        except BaseException:
            self.close()
            raise

    @property
    def dropped(self) -> int | None:
        """Packets dropped by the kernel so far, as of the last read of its counters."""
        return sum(tap.socket.dropped for tap in self._taps)

    @property
    def fullness(self) -> int:
        """The fill level of the rings, in percent."""
        waiting = [block for tap in self._taps for block in tap.socket.ring.waiting()]
        return 100 * sum(waiting) // len(waiting) if waiting else 0

    def remarks(self) -> list[str]:
        """Return remarks on the interfaces since the last call."""
        remarks = [remark for tap in self._taps for remark in tap.remarks]
        for tap in self._taps:
            tap.remarks.clear()
        return remarks

    def record(self, recorder: _core.Recorder) -> None:
        """Pass the names and counters of the interfaces to a recorder."""
        self._recorder = recorder
        for tap in self._taps:
            known = names() if tap.socket.name == ANY else (tap.socket.name,)
            for name in known:
                recorder.describe(_index(name), tap.socket.link_type or 1, name, self._snaplen)
        self._count()  # so that the first file has statistics even if it is full at once

    def drain(self, core: _core.Tracker, progress: Progress | None = None) -> bool:
        """Hand every packet to the tracker's core. ``False`` where ``progress`` stopped it."""
        self._core = core
        if any(tap.socket.headers_only for tap in self._taps):
            core.expect_headers()
        if self._program is not None:
            core.filter(self._program)
        poll = select.poll()
        for tap in self._taps:
            poll.register(tap.socket.fileno(), select.POLLIN | select.POLLERR)
        going_on, next_look, fed, gather = True, 0.0, 0, self._gather
        while going_on and not core.is_full() and self._is_alive():
            if fed < _AT_ONCE:
                ready = poll.poll(_WAIT_MS)
                if any(events & select.POLLIN for _, events in ready):
                    time.sleep(gather)
                self._heed(ready)
            fed = self._sweep(core, _AT_ONCE)
            if (now := time.monotonic()) >= next_look:
                next_look = now + _LOOK
                self._tick(core, now, idle=not fed)
                going_on = progress is None or progress(core.intake().bytes, None)
        self._finish(core)
        return going_on

    def captures(self) -> tuple[Capture, ...]:
        """Return what was captured so far, as a capture."""
        intake = self._core.intake() if self._core else None
        gone = [tap.gone for tap in self._taps if tap.gone]
        return (
            Capture(
                name=", ".join(tap.socket.name for tap in self._taps),
                format="live",
                compression=None,
                size=None,
                interfaces=tuple(self._interface(tap) for tap in self._taps),
                frames=sum(tap.frames for tap in self._taps),
                first_time_ns=intake.first_time_ns if intake else None,
                last_time_ns=intake.last_time_ns if intake else None,
                snapped_frames=intake.snapped if intake else 0,
                backward_steps=0,
                comments=(),
                defects=tuple(gone) if len(gone) < len(self._taps) else (),
                error="; ".join(gone) if len(gone) == len(self._taps) else None,
            ),
        )

    def close(self) -> None:
        """Close every socket."""
        for tap in self._taps:
            tap.socket.close()

    @property
    def _gather(self) -> float:
        """The seconds that blocks may gather before a ring could be full."""
        spans = [_GATHER]
        for tap in self._taps:
            rate = _HEADER_RATE if tap.socket.headers_only else _WHOLE_RATE
            spans.append(tap.socket.ring.blocks * BLOCK / rate)
        return min(spans)

    @property
    def _snaplen(self) -> int | None:
        return None if self._options.snaplen >= filters.SNAPLEN else self._options.snaplen

    def _interface(self, tap: _Tap) -> Interface:
        link_type = tap.socket.link_type
        return Interface(
            name=printable(tap.socket.name),
            link_type=link_type,
            link_name=(link_type and _core.link_name(link_type)) or "link type by packet",
            snaplen=self._snaplen,
            frames=tap.frames,
            received=tap.socket.received,
            dropped=tap.socket.dropped,
            decoded=not link_type or _core.is_decoded(link_type),
        )

    def _sweep(self, core: _core.Tracker, most: int) -> int:
        """Read up to ``most`` blocks of each ring."""
        fed = 0
        for tap in self._taps:
            before = core.intake().frames
            for _ in range(most):
                if not tap.socket.ring.feed(core):
                    break
                fed += 1
            tap.frames += core.intake().frames - before
        return fed

    def _tick(self, core: _core.Tracker, now: float, *, idle: bool) -> None:
        """At intervals, read the counters and run timers, up to the clock if the rings are empty."""
        if now < self._next_tick:
            return
        self._next_tick = now + _TICK
        self._count()
        last_ns = core.intake().last_time_ns
        self.waited_until_ns = time.time_ns() - _SLACK_NS if idle or last_ns is None else last_ns
        core.advance(self.waited_until_ns)
        for tap in self._taps:
            # The socket's error can be missed: another interface may take the same name between two checks.
            if tap.gone is None and tap.socket.is_gone():
                self._lose(tap)

    def _count(self) -> None:
        for tap in self._taps:
            tap.socket.count()
            if self._recorder is not None:
                index = tap.socket.index
                self._recorder.count(index, tap.socket.received, tap.socket.dropped)

    def _heed(self, ready: list[tuple[int, int]]) -> None:
        """Handle socket errors: interfaces go down, come up again, and vanish."""
        for descriptor, events in ready:
            if not events & select.POLLERR:
                continue
            for tap in self._taps:
                if tap.socket.fileno() == descriptor and (number := tap.socket.error()):
                    self._complain(tap, number)

    def _complain(self, tap: _Tap, number: int) -> None:
        if tap.socket.is_gone():
            self._lose(tap)
        elif number == errno.ENETDOWN:
            tap.remarks.append(f"{tap.socket.name} is down; waiting for it to come up")
        else:
            tap.remarks.append(f"{tap.socket.name}: {os.strerror(number).lower()}")

    def _lose(self, tap: _Tap) -> None:
        tap.gone = f"{printable(tap.socket.name)} is gone"
        tap.remarks.append(tap.gone)

    def _is_alive(self) -> bool:
        return any(tap.gone is None for tap in self._taps)

    def _finish(self, core: _core.Tracker) -> None:
        """Read the packets that came before the end: the kernel retires a block that is not full after a while."""
        for tap in self._taps:
            tap.socket.mute()
        time.sleep(2 * RETIRE_MS / 1000)
        for tap in self._taps:
            before = core.intake().frames
            for _ in range(tap.socket.ring.blocks):
                if not tap.socket.ring.feed(core):
                    break
            tap.frames += core.intake().frames - before
        self._count()


def _index(name: str) -> int:
    import socket

    try:
        return socket.if_nametoindex(name)
    except OSError:
        return 0
