"""How many packets a second are tracked live without a drop, beside tcpdump and scapy on the same wire.

    sudo python -m bench.live [--seconds 4] [--rates 25000,50000,...]

Two network namespaces are joined by a veth pair. A transmit ring sends TCP connections from one of them at a given
rate, on one core; what is measured captures in the other, on another core. For each tool the rate is
raised until something is lost. Beside the highest rate without loss stands what one core would carry: packets over
seconds of processor time, less those that the tool takes to start and end. Loss is what was sent and not received,
whatever the tool says of it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.traffic import write

OUT, IN = "wirestat-bench-a", "wirestat-bench-b"
CONNECTIONS = 10_000
RING_MIB = 64
SETTLING = 1.5
"""Seconds that a tool is given to start, and to read what it holds after the last packet."""

LEAN = """
import select, socket, sys, time
from wirestat.capture.ring import Ring
class Counter:
    frames, room = 0, bytearray(1 << 18)
    def feed_ring_block(self, block):
        self.room[: len(block)] = block
        self.frames += int.from_bytes(block[12:16], sys.byteorder)
packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
ring, counter = Ring(packets, {ring}), Counter()
packets.bind(("vb", 3))
until = time.monotonic() + {seconds}
while time.monotonic() < until:
    if not ring.feed(counter):
        select.select([packets], [], [], 0.1)
print(counter.frames)
"""
"""The floor: the blocks of a ring as wirestat has it, copied and given back; no packet is looked at."""

SNIFF = """
import sys, time
from scapy.all import conf, sniff
conf.bufsize = {ring}
seen = [0]
def count(packet): seen[0] += 1
sniff(iface="vb", prn=count, store=False, timeout={seconds})
print(seen[0])
"""


@dataclass(frozen=True)
class Tool:
    """Something that captures."""

    name: str
    command: Callable[[float], list[str]]
    received: Callable[[str], int]
    """Reads from its output how many packets it has processed."""
    reported: Callable[[str], int | None]
    """Reads how many it says were lost; ``None`` where it says nothing."""
    most: int = 10_000_000


@dataclass(frozen=True)
class Run:
    """One tool at one rate."""

    sent: int
    seconds: float
    received: int
    reported: int | None
    cpu: float
    idle: float = 0.0
    """Processor time that the tool takes without a single packet."""

    @property
    def rate(self) -> float:
        """Packets that were sent in a second."""
        return self.sent / self.seconds

    @property
    def lost(self) -> int:
        """Packets sent and not processed."""
        return max(self.sent - self.received, 0)

    @property
    def carried(self) -> float:
        """Packets processed in a second of processor time."""
        return self.received / max(self.cpu - self.idle, 0.01)


def wirestat(seconds: float) -> list[str]:
    """Track on the wire, and print a report for programs."""
    program = Path(sys.executable).with_name("wirestat")
    options = f"live -i vb -q -B {RING_MIB} --format ndjson --duration {seconds}s"
    return [str(program), *options.split()]


def tcpdump(seconds: float) -> list[str]:
    """Copy packets from the kernel, and nothing else."""
    return [
        "timeout",
        "-s",
        "INT",
        str(seconds),
        *f"tcpdump -i vb -B {RING_MIB << 10} -Z root -w /dev/null".split(),
    ]


def lean(seconds: float) -> list[str]:
    """Copy the blocks of a ring, and nothing else."""
    return [sys.executable, "-c", LEAN.format(ring=RING_MIB << 20, seconds=seconds)]


def scapy(seconds: float) -> list[str]:
    """Sniff as scapy's users do, each packet dissected."""
    return [sys.executable, "-c", SNIFF.format(ring=RING_MIB << 20, seconds=seconds)]


def report_of(output: str) -> dict[str, int]:
    """Find the interface in wirestat's report."""
    for line in output.splitlines():
        if line.startswith('{"type":"report"'):
            interface: dict[str, int] = json.loads(line)["captures"][0]["interfaces"][0]
            return interface
    raise SystemExit(f"no report:\n{output}")


def first(pattern: str, output: str) -> int:
    """Read a number."""
    found = re.search(pattern, output)
    if found is None:
        raise SystemExit(f"no {pattern!r} in:\n{output}")
    return int(found[1])


TOOLS = (
    Tool("scapy sniff", scapy, lambda out: int(out.split()[-1]), lambda _: None, most=60_000),
    Tool(
        "tcpdump -w /dev/null",
        tcpdump,
        lambda out: first(r"(\d+) packets? captured", out),
        lambda out: first(r"(\d+) packets? dropped by kernel", out),
    ),
    Tool("floor: a ring, copied", lean, lambda out: int(out.split()[-1]), lambda _: None),
    Tool(
        "wirestat live",
        wirestat,
        lambda out: report_of(out)["frames"],
        lambda out: report_of(out)["dropped"],
    ),
)


def sh(command: str) -> None:
    """Run a command that must succeed."""
    subprocess.run(shlex.split(command), check=True, capture_output=True)


@contextmanager
def namespaces() -> Iterator[None]:
    """Two namespaces joined by a wire, silent but for what is sent."""
    try:
        for name in (OUT, IN):
            sh(f"ip netns add {name}")
            for which in ("all", "default"):
                sh(f"ip netns exec {name} sysctl -qw net.ipv6.conf.{which}.disable_ipv6=1")
        sh(f"ip link add va netns {OUT} type veth peer name vb netns {IN}")
        sh(f"ip -n {OUT} link set va up arp off")
        sh(f"ip -n {IN} link set vb up arp off")
        yield
    finally:
        for name in (OUT, IN):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


def run(tool: Tool, capture: Path, rate: int, seconds: float) -> Run:
    """Let a tool capture while packets are sent at a rate."""
    span = seconds + 2 * SETTLING + 1
    with tempfile.TemporaryFile("w+") as output:
        receiving = subprocess.Popen(
            ["taskset", "-c", "0", "ip", "netns", "exec", IN, *tool.command(span)],
            stdout=output,
            stderr=output,
        )
        time.sleep(SETTLING + (1.0 if "scapy" in tool.name else 0.0))
        blast = f"{sys.executable} {Path(__file__).with_name('blast.py')}"
        sending = f"taskset -c 1 ip netns exec {OUT} {blast} va {capture} {rate} {seconds}"
        said = subprocess.run(shlex.split(sending), capture_output=True, text=True, check=True).stdout
        _, _, usage = os.wait4(receiving.pid, 0)
        output.seek(0)
        text = output.read()
    _, sent, _, elapsed = said.split()
    return Run(
        int(sent), float(elapsed), tool.received(text), tool.reported(text), usage.ru_utime + usage.ru_stime
    )


def climb(tool: Tool, capture: Path, rates: list[int], seconds: float) -> tuple[Run | None, list[Run]]:
    """Raise the rate until something is lost, or the sender can do no more."""
    best, runs = None, []
    idle = min(run(tool, capture, 1, 0.0).cpu for _ in range(2))
    for rate in rates:
        if rate > tool.most:
            break
        result = replace(run(tool, capture, rate, seconds), idle=idle)
        runs.append(result)
        told = "-" if result.reported is None else str(result.reported)
        print(
            f"  {tool.name:<22} {result.rate:>9,.0f}/s  lost {result.lost:>8,} (reported {told})  "
            f"cpu {result.cpu:5.2f} s, {result.carried:>9,.0f} packets/s of cpu",
            flush=True,
        )
        if result.lost:
            break
        best = result
    return best, runs


def _compare(figures: dict[str, tuple[float, float]]) -> None:
    """Print how wirestat and the floor stand beside the others; one that did not run is left out."""
    scapy, dump, floor, mine = figures
    pairs = (
        (mine, scapy, 0, "; bar: 10"),
        (mine, dump, 0, "; bar: 0.5"),
        (mine, dump, 1, "; bar: 0.6"),
        (floor, dump, 1, ""),
    )
    print()
    for one, other, which, bar in pairs:
        if theirs := figures[other][which]:
            how = ("without loss", "by processor time")[which]
            print(f"{one}, beside {other}, {how}: {figures[one][which] / theirs:.2f}{bar}")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=4.0)
    rates = "1000,2000,4000,8000,16000,32000,64000,125000,250000,500000,750000,1000000,1500000"
    parser.add_argument("--rates", default=rates, help="packets a second, rising")
    options = parser.parse_args()
    rising = [int(rate) for rate in options.rates.split(",")]
    with tempfile.TemporaryDirectory() as folder, namespaces():
        capture = Path(folder) / "traffic.pcap"
        write(capture, CONNECTIONS)
        rows = [(tool, *climb(tool, capture, rising, options.seconds)) for tool in TOOLS]
    print(f"\n{'':<22} {'without loss':>14} {'one core carries':>18}")
    figures = {}
    for tool, best, runs in rows:
        lossless = best.rate if best else 0.0
        # Of all runs together: what a slow one takes is hardly more than the clock can tell.
        spent = sum(max(each.cpu - each.idle, 0.0) for each in runs)
        carried = sum(each.received for each in runs) / max(spent, 0.01)
        figures[tool.name] = lossless, carried
        print(f"{tool.name:<22} {lossless:>12,.0f}/s {carried:>16,.0f}/s")
    _compare(figures)
    hidden = [r for _, _, runs in rows[3:] for r in runs if r.lost and not r.reported]
    print("every loss was reported" if not hidden else f"LOSS NOT REPORTED in {len(hidden)} runs")


if __name__ == "__main__":
    main()
