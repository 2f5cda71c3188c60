"""A long live capture at a steady rate, with files in a row, a wire that goes down and up, and signals.

    sudo python -m bench.soak [--minutes 30] [--rate 50000]

Two network namespaces are joined by a veth pair. A transmit ring sends TCP connections into one of them, other ones
each turn of some seconds, each a few times over. After every third turn the wire is taken down and up again, and
wirestat is asked for a report and to write out what it holds back. Memory and descriptors are looked at all the
while. At the end every packet that was sent has to be in the report, as received or as dropped; and neither memory
nor descriptors may have grown since a quarter of the time was over.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.live import IN, OUT, namespaces, sh
from bench.traffic import write

CONNECTIONS = 4_608
"""Connections of a turn: as many as fit into what the sender keeps ready, and fill its ring to the last slot."""
TURN = 5.0
"""Seconds."""
CALM = 3
"""Turns between two disturbances."""
LOOK = 1.0
GROWTH = 1.1
"""How much more memory the second half may take than the second quarter, when all that is kept is full."""
PATIENCE = 120.0


@dataclass
class Watched:
    """wirestat at work, and what was seen of it."""

    process: subprocess.Popen[str]
    memory: list[int] = field(default_factory=list)
    """Resident bytes, once a second."""
    descriptors: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    """Connections that it held, at each report: those whose end was lost stay, and all others are let go."""
    records: int = 0
    report: dict[str, Any] = field(default_factory=dict)

    def listen(self) -> None:
        """Read what it tells, and keep the last report."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.records += 1
            if line.startswith('{"type":"report"'):
                self.report = json.loads(line)
                summary = self.report["summary"]
                gone = summary["released"] + sum(summary["evicted"].values())
                self.held.append(summary["connections"] - gone)

    def look(self) -> None:
        """Ask the kernel what it holds, until it ends."""
        own = Path(f"/proc/{self.process.pid}")
        while self.process.poll() is None:
            try:
                found = re.search(r"VmRSS:\s+(\d+) kB", (own / "status").read_text())
                opened = len(list((own / "fd").iterdir()))
            except OSError:
                return
            if found:
                self.memory.append(int(found[1]) << 10)
                self.descriptors.append(opened)
            time.sleep(LOOK)


def started(folder: Path) -> Watched:
    """Start a live capture that records in a row of files."""
    program = Path(sys.executable).with_name("wirestat")
    options = f"live -i vb -B 64 --format ndjson -w {folder}/x.pcapng -C 32m -W 4"
    command = ["ip", "netns", "exec", IN, str(program), *options.split()]
    return Watched(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))


def blasted(capture: Path, rate: int, seconds: float) -> int:
    """Send for some seconds; return how many packets were sent."""
    blast = str(Path(__file__).with_name("blast.py"))
    command = ["ip", "netns", "exec", OUT, sys.executable, blast, "va", str(capture), str(rate), str(seconds)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(told.split()[1])


def disturb(watched: Watched) -> None:
    """Take the wire down and up, ask for a report, and have what is held back written out."""
    sh(f"ip -n {IN} link set vb down")
    time.sleep(0.5)
    sh(f"ip -n {IN} link set vb up")
    time.sleep(1.0)
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        watched.process.send_signal(number)
        time.sleep(0.5)


def soak(minutes: float, rate: int, folder: Path) -> tuple[Watched, int, int]:
    """Send and disturb for some minutes; return what was seen, how many packets were sent, and the exit code."""
    capture = folder / "traffic.pcap"
    recorded = folder / "recorded"
    recorded.mkdir()
    recorded.chmod(0o777)
    folder.chmod(0o755)
    watched = started(recorded)
    threads = [threading.Thread(target=watched.listen), threading.Thread(target=watched.look)]
    for thread in threads:
        thread.start()
    time.sleep(3)
    sent, turn, end = 0, 0, time.monotonic() + minutes * 60
    while time.monotonic() < end and watched.process.poll() is None:
        write(capture, CONNECTIONS, first=turn * CONNECTIONS)
        sent += blasted(capture, rate, TURN)
        turn += 1
        if turn % CALM == 0:
            disturb(watched)
    time.sleep(2)
    watched.process.send_signal(signal.SIGINT)
    code = watched.process.wait(PATIENCE)
    for thread in threads:
        thread.join()
    return watched, sent, code


def judged(watched: Watched, sent: int, code: int) -> list[str]:
    """Print what was measured; return what is not as promised."""
    (interface,) = watched.report["captures"][0]["interfaces"]
    received, dropped = interface["frames"], interface["dropped"] or 0
    quarter, half = len(watched.memory) // 4, len(watched.memory) // 2
    first, second = max(watched.memory[quarter:half]), max(watched.memory[half:])
    opened = max(watched.descriptors[quarter:half]), max(watched.descriptors[half:])
    summary = watched.report["summary"]
    print(f"sent {sent:,}, received {received:,}, reported as dropped {dropped:,}")
    print(f"connections {summary['connections']:,}, records told {watched.records:,}, exit code {code}")
    print(f"memory at most {first >> 20} MiB in the second quarter, {second >> 20} MiB in the second half")
    print(f"connections held: {', '.join(f'{number:,}' for number in watched.held)}")
    print(f"descriptors at most {opened[0]} in the second quarter, {opened[1]} in the second half")
    checks = {
        f"{sent - received - dropped:,} packets lost and not reported": sent > received + dropped,
        "memory grew": second > first * GROWTH,
        "descriptors grew": opened[1] > opened[0],
        "it did not end as it should": code != 0,
    }
    return [said for said, is_so in checks.items() if is_so]


def main(words: Sequence[str] | None = None) -> int:
    """Soak; exit with 1 where something is not as promised."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=int, default=50_000)
    options = parser.parse_args(words)
    with namespaces(), tempfile.TemporaryDirectory() as directory:
        failures = judged(*soak(options.minutes, options.rate, Path(directory)))
    for failure in failures:
        print(f"NOT AS PROMISED: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
