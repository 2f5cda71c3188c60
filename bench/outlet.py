"""How soon live capture tells a change of state and answers a scrape, with a million connections in the flow table.

    python -m bench.outlet [--connections 1000000]

A capture of open connections is written into ``wirestat live -r -``. Once all are counted, metrics are scraped again
and again; then one SYN at a time arrives, and the time until its line is printed is taken. Medians and the worst of
each are printed beside their bars. The exit code is 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import IO

from bench.dialogues import SYN
from bench.frames import Header, record, sender
from bench.make import RECIPES
from bench.traces import ALIVE, BEGIN_US

SCRAPES, CHANGES = 100, 30
BARS = {"scrape": 50.0, "change": 1000.0}
"""Milliseconds, for the median; the worst is printed beside it."""
CLIENT, SERVER, PORT = 0x0A090001, 0x0A090002, 4242
PAUSE = 0.3


class Live:
    """A running ``wirestat live`` that reads what is written to it."""

    def __init__(self, connections: int) -> None:
        """Start it with room for that many connections and for those that the changes open."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.place = f"127.0.0.1:{free.getsockname()[1]}"
        room = str(connections + 2 * CHANGES)
        options = ["-Y", f"server.port=={PORT}", "--max-connections", room]
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "wirestat",
                "live",
                "-r",
                "-",
                "--plain",
                "--metrics",
                self.place,
                *options,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.lines: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in _open(self._process.stdout):
            self.lines.put((time.perf_counter(), line))

    def write(self, chunk: bytes) -> None:
        """Have a chunk of a capture arrive."""
        pipe = _open(self._process.stdin)
        pipe.write(chunk)
        pipe.flush()

    def scrape(self) -> str:
        """Return the metrics."""
        with urllib.request.urlopen(f"http://{self.place}/metrics", timeout=60) as answer:
            text: str = answer.read().decode()
            return text

    def await_packets(self, number: int) -> None:
        """Wait until the metrics count that many packets."""
        while True:
            with suppress(OSError):
                counted = re.search(r"^wirestat_packets_total (\d+)", self.scrape(), re.MULTILINE)
                if counted and int(counted[1]) >= number:
                    return
            if self._process.poll() is not None:
                raise SystemExit(f"wirestat live ended with {self._process.returncode}")
            time.sleep(0.5)

    def end(self) -> None:
        """Let the capture end."""
        self._process.kill()
        self._process.wait()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def scraped(live: Live) -> list[float]:
    """Return the milliseconds that each scrape takes."""
    took = []
    for _ in range(SCRAPES):
        began = time.perf_counter()
        live.scrape()
        took.append(1000 * (time.perf_counter() - began))
        time.sleep(0.05)
    return took


def told(live: Live, begin_us: int) -> list[float]:
    """Return the milliseconds from each SYN to the line that tells of it."""
    took = []
    for number in range(CHANGES):
        header = Header(number, 1000 * number, 0, SYN, 64240, 0, number, 0)
        syn = record(begin_us + number, sender(CLIENT, 1024 + number, SERVER, PORT), header, payload=False)
        began = time.perf_counter()
        live.write(syn)
        heard, line = live.lines.get(timeout=60)
        while f":{1024 + number} > ".encode() not in line:
            heard, line = live.lines.get(timeout=60)
        took.append(1000 * (heard - began))
        time.sleep(PAUSE)
    return took


def main(arguments: Sequence[str]) -> int:
    """Measure both, and print a table; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.outlet")
    parser.add_argument("--connections", type=int, default=1_000_000)
    asked = parser.parse_args(arguments)
    live = Live(asked.connections)
    try:
        for chunk in RECIPES["alive"].chunks(asked.connections):
            live.write(chunk)
        live.await_packets(int(asked.connections * ALIVE.frames_each))
        end_us = BEGIN_US + int(1e6 * asked.connections / ALIVE.per_second) + 5_000_000
        figures = {"scrape": scraped(live), "change": told(live, end_us)}
    finally:
        live.end()
    print(
        f"| {asked.connections:,} open connections | median ms | worst ms | bar | |\n|---|---:|---:|---:|---|"
    )
    for name, took in figures.items():
        median = statistics.median(took)
        holds = "yes" if median <= BARS[name] else "**no**"
        print(f"| {name} | {median:.0f} | {max(took):.0f} | {BARS[name]:g} | {holds} |")
    return int(any(statistics.median(took) > BARS[name] for name, took in figures.items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
