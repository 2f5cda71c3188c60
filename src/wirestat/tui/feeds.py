"""Feeds of the tracker behind the screen: a thread that reads files, or one that captures."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from wirestat import pacing
from wirestat.tui.panes.capture import Vitals

if TYPE_CHECKING:
    from wirestat.capture.recording import Recorder
    from wirestat.capture.source import Source
    from wirestat.tui.desk import Desk

_SECOND = 1.0
_MINUTE = 60


class Title(msgspec.Struct, frozen=True):
    """The source, in words."""

    name: str
    is_live: bool
    files: Sequence[str] = ()
    """The files that are read, if files are."""


class Feed:
    """Drains a source in a separate thread, while the screen queries the desk."""

    def __init__(self, desk: Desk, source: Source, title: Title) -> None:
        """Take a source that is open."""
        self.desk = desk
        self.title = title
        self.vitals = Vitals()
        self.failure: BaseException | None = None
        """The exception that ended the thread early."""
        self.is_done = False
        """Whether there is nothing more to come."""
        self.remarks: deque[str] = deque(maxlen=100)
        """The state of the source, in words."""
        self.is_over: Callable[[], bool] = lambda: False
        """Returns whether to leave the screen."""
        self.seconds: float | None = None
        """The duration; ``None`` for ever."""
        self.paths: Callable[[], list[str]] = lambda: [name for name in title.files if name != "-"]
        """Returns the captures that hold the fed packets and can be read again."""
        self.recorder: Recorder | None = None
        """Records the fed packets, if there is a recorder."""
        self.each_second: list[Callable[[], None]] = []
        """Called by the feeding thread about once a second."""
        self._source = source
        self._halt = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._progress: tuple[int, int | None] = (0, None)
        self._next_second = time.monotonic()
        self._looks = pacing.of_looks()
        self._diagnoses = pacing.of_diagnoses()
        self._pulse = _Pulse()

    def start(self) -> None:
        """Begin."""
        self._until = None if self.seconds is None else time.monotonic() + self.seconds
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it."""
        self._halt.set()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def progress(self) -> str:
        """The progress of reading, in words; empty if not applicable."""
        done, total = self._progress
        if self.is_done or self.title.is_live:
            return ""
        return f"reading {done * 100 // total} %" if total else "reading"

    def _run(self) -> None:
        try:
            self._source.drain(self.desk.core, self._look_up)
        except BaseException as error:  # reported by the caller of the screen
            self.failure = error
        self.is_done = True
        self.desk.judge()

    def _look_up(self, done: int, total: int | None) -> bool:
        """Diagnose at intervals; ``False`` ends the feed."""
        self._progress = done, total
        now = time.monotonic()
        self.remarks.extend(getattr(self._source, "remarks", list)())
        if self.recorder is not None and self.recorder.status()[2]:
            return False
        if self.desk.beside is not None and self._looks.is_due(now):
            with self.desk.lock:
                self.desk.beside.look()
            self._looks.finish(now)
        if now >= self._next_second:
            self._next_second = now + _SECOND
            self._every_second()
        if self._diagnoses.is_due(now):
            self.desk.judge()
            self._diagnoses.finish(now)
        return not self._halt.is_set() and (self._until is None or now < self._until)

    def _every_second(self) -> None:
        self.vitals = self._pulse.beat(self.desk, self._source)
        if self.recorder is not None:
            self.recorder.flush()
        for call in self.each_second:
            call()


class _Pulse:
    """Counts per second, over the last minute."""

    def __init__(self) -> None:
        self._at, self._cpu = time.monotonic(), time.process_time()
        self._before = (0, 0, 0)
        self._beats: dict[str, deque[int]] = {
            name: deque(maxlen=_MINUTE) for name in ("frames", "bytes", "drops", "waiting", "cpu")
        }

    def beat(self, desk: Desk, source: Source) -> Vitals:
        """Add the counts since the last call."""
        now, cpu = time.monotonic(), time.process_time()
        passed = max(now - self._at, 1e-3)
        intake, dropped = desk.core.intake(), desk.dropped
        figures = (intake.frames, intake.bytes, dropped or 0)
        for name, figure, before in zip(("frames", "bytes", "drops"), figures, self._before, strict=True):
            self._beats[name].append(max(0, round((figure - before) / passed)))
        self._beats["cpu"].append(round(100 * (cpu - self._cpu) / passed))
        if (full := getattr(source, "fullness", None)) is not None:
            self._beats["waiting"].append(full)
        self._before, self._at, self._cpu = figures, now, cpu
        return Vitals(**{name: tuple(beats) for name, beats in self._beats.items()}, dropped=dropped)
