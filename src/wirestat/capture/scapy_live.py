"""Live capture with scapy's sockets: for systems other than Linux, or on request.

The kernel's drop counters are not accessible here, so losses are unknown.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from wirestat import _core
from wirestat.capture import privileges
from wirestat.capture.interfaces import ANY, names, unknown
from wirestat.capture.live import LiveOptions
from wirestat.capture.needs import package
from wirestat.capture.scapy_engine import Feeder, Frame, note
from wirestat.capture.tally import Tally
from wirestat.errors import UsageError
from wirestat.model import Capture

if TYPE_CHECKING:
    from wirestat.capture.source import Progress

_WAIT = 0.1
_AT_ONCE = 1000
_TICK = 1.0
_SLACK_NS = 200_000_000
_NANO = 1_000_000_000
_LOOPBACK = 772


class ScapyLiveSource:
    """Captures on interfaces through sockets of scapy."""

    def __init__(self, interfaces: Sequence[str], options: LiveOptions) -> None:
        """Open the sockets.

        Raises:
            PermissionDenied: capturing takes privileges.
            UsageError: there is no such interface, or the filter is invalid.
            Unavailable: there is no scapy.
        """
        config = package("scapy.config").conf
        failure = package("scapy.error").Scapy_Exception
        package("scapy.layers.all")
        package("scapy.supersocket")
        package("scapy.arch")
        self._sockets: dict[Any, str] = {}
        self._remarks: list[str] = []
        self._tally = Tally()
        self._gone: list[str] = []
        self.waited_until_ns: int | None = None
        """The instant up to which timers have run, in Unix ns: later than the last packet during a silence."""
        self._numbers: dict[Any, int] = config.l2types.layer2num
        for name in dict.fromkeys(interfaces):
            if name == ANY:
                raise UsageError(
                    "scapy cannot capture on 'any'", hint="name the interfaces one by one with -i"
                )
            if name not in names():
                self.close()
                raise unknown(name)
            try:
                opened = config.L2listen(
                    iface=name, filter=options.expression or None, promisc=options.promiscuous
                )
            except PermissionError:
                self.close()
                raise privileges.denied(name) from None
            except failure as error:
                self.close()
                raise UsageError(f"filter {options.expression!r}: {error}") from None
            self._sockets[opened] = name

    @property
    def dropped(self) -> int | None:
        """Not known."""
        return None

    def remarks(self) -> list[str]:
        """Return remarks on the interfaces since the last call."""
        remarks, self._remarks = self._remarks, []
        return remarks

    def record(self, recorder: _core.Recorder) -> None:
        """Pass the names of the interfaces to a recorder."""
        for number, name in enumerate(self._sockets.values()):
            recorder.describe(number, 1, name)

    def drain(self, core: _core.Tracker, progress: Progress | None = None) -> bool:
        """Hand every packet to the tracker's core. ``False`` where ``progress`` stopped it."""
        feeder = Feeder(core)
        tick = 0.0
        while self._sockets and not core.is_full():
            frames = self._receive()
            note(self._tally, frames)
            feeder.feed(frames)
            if time.monotonic() >= tick:
                tick = time.monotonic() + _TICK
                last_ns = core.intake().last_time_ns
                self.waited_until_ns = last_ns if frames and last_ns else time.time_ns() - _SLACK_NS
                core.advance(self.waited_until_ns)
            if progress is not None and not progress(core.intake().bytes, None):
                return False
        return True

    def captures(self) -> tuple[Capture, ...]:
        """Return what was captured so far, as a capture."""
        error = "; ".join(self._gone) if not self._sockets and self._gone else None
        name = ", ".join([*self._sockets.values(), *self._gone])
        capture = self._tally.capture(name, "live by scapy", error=error)
        # Sockets are read one after another: one lagging behind another does not mean that the clock stepped back.
        return (replace(capture, backward_steps=0),)

    def close(self) -> None:
        """Close every socket."""
        for opened in self._sockets:
            with suppress(OSError):
                opened.close()

    def _receive(self) -> list[Frame]:
        """Read the pending packets of the sockets, or wait for some."""
        opened = list(self._sockets)
        frames: list[Frame] = []
        for ready in opened[0].select(opened, _WAIT):
            try:
                frames += self._take(ready)
            except OSError as error:
                name = self._sockets.pop(ready)
                self._gone.append(f"{name}: {(error.strerror or str(error)).lower()}")
                self._remarks.append(self._gone[-1])
                with suppress(OSError):
                    ready.close()
        frames.sort(key=itemgetter(0))
        return frames

    def _take(self, ready: Any) -> list[Frame]:
        frames = []
        ready.ins.setblocking(False)
        for _ in range(_AT_ONCE):
            try:
                layer, data, seconds = ready.recv_raw()
            except BlockingIOError:
                break
            if data is None:
                continue
            link_type = self._numbers.get(layer, 147)
            frames.append((round(seconds * _NANO), len(data), data, int(link_type), None))
        return frames
