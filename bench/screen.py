"""The cost of the screen and of the kernel's testimony: filling a long list, following a busy wire, 50,000 sockets.

    python -m bench.screen [--seconds 10]        as root the sockets are polled as well

The list: connections that are all open are put on the screen, and the time until the first frame and the memory are
taken, beside the same capture without a screen. The wire: a capture is read so that it brings 5,000 changes of state
a second, at four looks a second, and what the screen adds to the processor time of reading is told. The sockets: some
processes hold them, and the poll that ``wirestat live`` makes each second is made.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.make import RECIPES
from wirestat import _core
from wirestat.capture.native import NativeSource
from wirestat.capture.source import Progress
from wirestat.commands.filter_options import complete_filter
from wirestat.host.netlink import SocketList
from wirestat.host.poll import Poll
from wirestat.host.processes import Processes
from wirestat.timers import LINUX
from wirestat.tracker import Limits, Tracker
from wirestat.tui.app import Screen
from wirestat.tui.desk import Desk
from wirestat.tui.feeds import Feed, Title

ROWS = 100_000
CHANGES = 5_000
"""Changes of state a second."""
KEPT = 50_000
SIZE = (160, 50)
SOCKETS = 50_000
BARS = {"fill": 2.0, "memory": 60.0, "screen": 7.0, "poll": 5.0}
"""Seconds, MB, and percent of a processor."""

HOLD = """
import socket, sys, time
first, number = int(sys.argv[1]), int(sys.argv[2])
listening = socket.create_server(("127.0.0.1", first), backlog=4096)
held = []
for _ in range(number // 2):
    one = socket.create_connection(("127.0.0.1", first))
    held += [one, listening.accept()[0]]
print("ready", flush=True)
sys.stdin.read()
"""


class Paced:
    """A capture file that brings so many frames a second."""

    def __init__(self, path: str, frames_a_second: float, seconds: float) -> None:
        """Open the file, to be read for so many seconds."""
        self._reader = _core.Reader([path], False)
        self._rate, self._seconds = frames_a_second, seconds

    def drain(self, core: _core.Tracker, progress: Progress | None = None) -> bool:
        """Bring what is due, again and again."""
        began, read = time.monotonic(), 0
        while (passed := time.monotonic() - began) < self._seconds:
            due = int(passed * self._rate) - read
            if due > 0:
                core.read(self._reader, due)
                read += due
            if progress is not None and not progress(read, None):
                return False
            time.sleep(0.02)
        return True

    def captures(self) -> tuple[()]:
        """Tell nothing of the file."""
        return ()

    def close(self) -> None:
        """Leave the file to close itself."""


def shown(feed: Feed, until: Callable[[Screen], bool]) -> None:
    """Show a feed to nobody until something holds."""

    async def run() -> None:
        app = Screen(feed, complete_filter)
        async with app.run_test(size=SIZE) as pilot:
            while not until(app):
                await pilot.pause(0.05)

    asyncio.run(run())
    feed.stop()


def made(folder: Path, recipe: str, size: int) -> str:
    """Write a trace, and return its path."""
    path = folder / f"{recipe}-{size}.pcap"
    with path.open("wb") as file:
        for chunk in RECIPES[recipe].chunks(size):
            file.write(chunk)
    return str(path)


def filled(path: str) -> tuple[float, float]:
    """Return the seconds that a look at all connections and a frame of them take, and the MB that this adds."""
    tracker = Tracker(LINUX)
    source = NativeSource([path])
    source.drain(tracker.core)
    desk = Desk(tracker, source, LINUX)
    desk.judge()
    before, took = peak(), [0.0]

    still = Paced(path, 0, 0)

    def drawn(app: Screen) -> bool:
        began = time.perf_counter()
        app.look(now=True)
        app.screen._compositor.render_strips()
        took[0] = time.perf_counter() - began
        return True

    shown(Feed(desk, still, Title("bench", True)), drawn)
    return took[0], peak() - before


def followed(path: str, seconds: float) -> float:
    """Return what percent of a processor the screen adds to reading such a wire, judging included.

    What starting it takes is left out.
    """
    whole = Tracker(LINUX)
    NativeSource([path]).drain(whole.core)
    totals = whole.summary()
    changes = sum(row.count for row in totals.transitions)
    rate = CHANGES * totals.frames / changes

    def tracker() -> Tracker:
        return Tracker(LINUX, Limits(max_connections=KEPT))

    began = time.process_time()
    Paced(path, rate, seconds).drain(tracker().core)
    alone = time.process_time() - began
    fed, source = tracker(), Paced(path, rate, seconds)
    feed = Feed(Desk(fed, source, LINUX), source, Title("bench", True))
    begins: list[float] = []

    def is_done(_app: Screen) -> bool:
        begins.append(time.process_time())
        return feed.is_done

    shown(feed, is_done)
    return 100 * (begins[-1] - begins[0] - alone) / seconds


def polled(seconds: float) -> tuple[int, float]:
    """Return how many sockets there are, and what percent of a processor polling them once a second takes."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    each = min(SOCKETS, (most if most != resource.RLIM_INFINITY else 1 << 20) - 100) // 2 * 2
    resource.setrlimit(resource.RLIMIT_NOFILE, (each + 90, most))
    holders = [
        hold(20_000 + number, min(each, SOCKETS - number * each)) for number in range(-(-SOCKETS // each))
    ]
    for holder in holders:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
    poll = Poll([SocketList()], Processes())
    number = len(poll.look().changed)
    began, cpu = time.monotonic(), time.process_time()
    for turn in range(round(seconds)):
        time.sleep(max(0.0, began + turn + 1 - time.monotonic()))
        poll.look()
    share = 100 * (time.process_time() - cpu) / (time.monotonic() - began)
    for holder in holders:
        holder.communicate()
    return number, share


def hold(port: int, number: int) -> subprocess.Popen[str]:
    """Have a process hold so many sockets."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(port), str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def peak() -> float:
    """Return the most memory that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: Sequence[str]) -> int:
    """Measure all, and print a table; 1 where a promise does not hold."""
    parser = argparse.ArgumentParser(prog="python -m bench.screen")
    parser.add_argument("--seconds", type=float, default=10)
    asked = parser.parse_args(arguments)
    rows: list[tuple[str, str, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        fill, memory = filled(made(Path(folder), "alive", ROWS))
        rows.append((f"{ROWS:,} connections on the screen, s", f"{fill:.2f}", fill, BARS["fill"]))
        rows.append(("… and the memory that it takes, MB", f"{memory:.0f}", memory, BARS["memory"]))
        share = followed(made(Path(folder), "headers", 60_000), asked.seconds)
        rows.append(
            (f"the screen at {CHANGES:,} changes a second, % CPU", f"{share:.1f}", share, BARS["screen"])
        )
    if os.geteuid() == 0:
        number, cpu = polled(2 * asked.seconds)
        rows.append((f"{number:,} sockets polled once a second, % CPU", f"{cpu:.1f}", cpu, BARS["poll"]))
    print("| promise | figure | bar | |\n|---|---:|---:|---|")
    for name, figure, value, bar in rows:
        print(f"| {name} | {figure} | {bar:g} | {'yes' if value <= bar else '**no**'} |")
    return int(any(value > bar for *_, value, bar in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
