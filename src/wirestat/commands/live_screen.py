"""``wirestat live`` full-screen."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wirestat.capture.recording import Recording
from wirestat.commands.codes import Code
from wirestat.commands.filter_options import complete_filter
from wirestat.commands.live_lines import at_the_end, beside, view
from wirestat.commands.live_options import kept
from wirestat.diagnosis import roster
from wirestat.report import text
from wirestat.titles import title
from wirestat.tracker import Limits, Tracker
from wirestat.tui import packets
from wirestat.tui.app import Screen
from wirestat.tui.desk import Desk
from wirestat.tui.feeds import Feed, Title

if TYPE_CHECKING:
    from wirestat.capture.recording import Recorder
    from wirestat.commands.live import Inputs
    from wirestat.commands.live_options import LiveRequest
    from wirestat.commands.outlet import Outlet
    from wirestat.commands.signals import Wishes
    from wirestat.model import Capture
    from wirestat.report.build import Report
    from wirestat.report.layout import View

_PATIENCE = 2.0
"""Seconds within which the screen must end."""
_SELDOM = (
    "rich._emoji_codes",
    "rich.traceback",  # textual shows an exception of ours with it
    "textual._animator",
    "textual.scrollbar",
    "textual.worker_manager",
    "wirestat.commands.outcome",
    "wirestat.diagnosis.testified",
)
CONNECTIONS = 50_000
"""The default number of connections that a screen keeps: those that are over stay until there are more."""


class Recent:
    """A temporary folder for recent packets, removed however the process ends."""

    def __init__(self) -> None:
        """Make the folder, and a process that waits to remove it: the sandbox may not let us."""
        self.folder = Path(tempfile.mkdtemp(prefix="wirestat-"))
        reading, self._writing = os.pipe()
        if os.fork() == 0:
            _remove_afterwards(self.folder, reading)
        os.close(reading)

    def recording(self, limits: Recording) -> Recording:
        """Return the recording for this folder."""
        return replace(limits, path=str(self.folder / "recent.pcapng"))

    def files(self) -> list[str]:
        """Return the files in the order of their creation."""
        found = [path for path in self.folder.iterdir() if path.stat().st_size]
        return [str(path) for path in sorted(found, key=lambda path: path.stat().st_mtime_ns)]

    def close(self) -> None:
        """Have the folder removed."""
        os.close(self._writing)


def _remove_afterwards(folder: Path, reading: int) -> None:
    """Wait until the other end of the pipe is closed, then remove the folder; never return."""
    try:
        os.setsid()  # ignore the terminal's signals
        os.closerange(0, reading)
        os.closerange(reading + 1, os.sysconf("SC_OPEN_MAX"))
        os.read(reading, 1)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os._exit(0)


class ScreenShow:
    """Shows a capture full-screen."""

    outlet: Outlet | None = None
    """Always ``None``: metrics and alerts need line output."""

    def __init__(self, request: LiveRequest, inputs: Inputs) -> None:
        """Make the tracker, still empty."""
        self._request = request
        self._source = source = inputs.source
        self._kept = None if request.write else kept(request.keep)
        self._recent: Recent | None = None
        self.tracker = self._tracker()
        name = title(request.file or ", ".join(capture.name for capture in source.captures()))
        self._beside = beside(inputs, self.tracker)
        desk = Desk(self.tracker, source, request.profile, request.bpf, self._beside)
        self._feed = Feed(desk, source, Title(name, True))
        self._feed.seconds = request.seconds

    @property
    def opens(self) -> Sequence[Path]:
        """Folders that are read and written in: that of recent packets, and the working directory."""
        return [Path.cwd(), *([self._recent.folder] if self._recent else [])]

    def recent(self) -> Recording | None:
        """Prepare the recording of recent packets; ``None`` if none are kept."""
        if self._kept is None:
            return None
        self._recent = Recent()
        return self._recent.recording(self._kept)

    def rehearse(self) -> None:
        """Run an empty screen without a terminal, to load all code and open all views."""
        source = _Nothing()
        desk = Desk(self._tracker(), source, self._request.profile)
        screen = Screen(Feed(desk, source, Title("", True)), complete_filter, self._request.dialect)
        asyncio.run(_played(screen))
        _load_what_is_seldom_needed()
        packets.rehearse()

        for _ in self._lines(desk.judge()):
            pass

    def play(self, recorder: Recorder | None, wishes: Wishes) -> None:
        """Show the screen until the user leaves, or the capture ends as requested.

        Raises:
            BaseException: what ended the capture.
        """
        feed = self._feed
        feed.recorder = recorder
        feed.paths = self._paths
        ends = bool(self._request.count or self._request.seconds)
        feed.is_over = lambda: wishes.stop or (ends and feed.is_done)
        screen = Screen(feed, complete_filter, self._request.dialect)
        left = threading.Event()
        threading.Thread(target=self._end_anyway, args=(wishes, left), daemon=True).start()
        if self._request.question is not None:
            screen.ask_first(self._request.question)
        screen.asked = replace(screen.asked, everything=self._request.everything)
        try:
            screen.run()
        finally:
            left.set()
            feed.stop()
        if feed.failure is not None:
            raise feed.failure

    def _end_anyway(self, wishes: Wishes, left: threading.Event) -> None:
        """End the process if the screen does not end when told to: its terminal may be gone."""
        while not left.wait(_PATIENCE):
            if wishes.stop and not left.wait(_PATIENCE):
                self._feed.stop()
                if self._feed.recorder is not None:
                    self._feed.recorder.close(time.time_ns())
                os._exit(Code.IO)

    def close(self) -> None:
        """Drop recent packets."""
        if self._recent is not None:
            self._recent.close()

    def finish(self) -> Report:
        """Write the report at the end, in place of the screen."""
        report = self._feed.desk.judge()
        for line in self._lines(report):
            print(line)
        if self._beside is not None:
            for line in at_the_end(self._beside, self._request, self._view()):
                print(line)
        return report

    def _tracker(self) -> Tracker:
        capacity = Limits(max_connections=self._request.max_connections or CONNECTIONS)
        return Tracker(self._request.profile, capacity)

    def _lines(self, report: Report) -> Iterator[str]:
        return text.render(report, self._view(), lists=False)

    def _view(self) -> View:
        return view(self._request, sys.stdout, self._beside, full=False)

    def _paths(self) -> list[str]:
        if self._feed.recorder is not None:
            self._feed.recorder.flush()
        if self._recent is not None:
            return self._recent.files()
        written = self._request.write
        return [written] if written and "%" not in written and not self._request.rotates else []


def _load_what_is_seldom_needed() -> None:
    """Load all rules, and lazily loaded modules of textual, rich and wirestat that the rehearsal does not reach."""
    roster.every()
    for name in _SELDOM:
        import_module(name)


class _Nothing:
    """A source without packets."""

    def drain(self, core: object, progress: object = None) -> bool:
        """Return nothing."""
        return True

    def captures(self) -> tuple[Capture, ...]:
        """Return nothing."""
        return ()

    def close(self) -> None:
        """Do nothing."""


async def _played(screen: Screen) -> None:
    """Press keys, to load the code behind them."""
    async with screen.run_test(size=(60, 12)) as pilot:
        await pilot.press(
            "slash", *"state==X", "escape", "question_mark", "q", "s", "escape", "3", "4", "5", "2"
        )
        await pilot.press("question_mark", "space", "G", "g", "j", "k", "q", "tab", "1", "e", "2")
        await pilot.resize_terminal(120, 40)
        await pilot.press("p", "n", "left_square_bracket", "n", "y", "w", "enter", "escape")
        screen.notify("")
        await screen.run_worker(screen.doings.rehearse, thread=True).wait()
        await pilot.press("q")
