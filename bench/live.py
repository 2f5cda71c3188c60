"""How many packets a second are tracked live without a drop, and what each costs, beside tcpdump and scapy on the
same wire.

    sudo python -m bench.live [--seconds 4] [--rates 10000,50000,...] [--rounds 3] [--without scapy ...]

Two network namespaces are joined by a veth pair. A transmit ring sends TCP connections from one of them at a given
rate, on one core, each of fourteen packets and none twice; what is measured captures in the other, on another core.
The tools take turns at each rate; one that has lost something is not asked at higher ones. Loss is what was sent and
not received, whatever the tool says of it.

The cost of a tool and of the processes that it has started is read off the kernel's clock of each thread, before the
first packet is sent and after the last has been read: so neither its start nor its report in the end counts, and all
that it does each second does.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.traffic import write

OUT, IN = "wirestat-bench-a", "wirestat-bench-b"
CONNECTIONS = 512
"""Connections of a lap: laps are sent whole, and this one lasts less than a second at the lowest rate."""
RING_MIB = 64
CALM = 0.5
"""Seconds in which a tool that waits for packets does next to nothing."""
LATEST = 1.2
"""Seconds after which tcpdump, too, has been given a block of the ring that is not full."""
NOTHING_NS = 20_000_000
"""Processor time that is next to nothing, in that time."""
PATIENCE = 60.0
"""Seconds until it must do so."""

LEAN = """
import select, signal, socket, sys
from wirestat.capture.ring import Ring
class Counter:
    frames, room = 0, bytearray(1 << 18)
    def feed_ring_block(self, block):
        self.room[: len(block)] = block
        self.frames += int.from_bytes(block[12:16], sys.byteorder)
packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
ring, counter = Ring(packets, {ring}), Counter()
packets.bind(("vb", 3))
until = []
signal.signal(signal.SIGINT, lambda *_: until.append(True))
while not until:
    if not ring.feed(counter):
        select.select([packets], [], [], 0.1)
print(counter.frames)
"""
"""The floor: the blocks of a ring as wirestat has it, copied and given back; no packet is looked at."""

SNIFF = """
from scapy.all import conf, sniff
conf.bufsize = {ring}
seen = [0]
def count(packet): seen[0] += 1
sniff(iface="vb", prn=count, store=False)
print(seen[0])
"""


@dataclass(frozen=True)
class Tool:
    """Something that captures."""

    name: str
    command: list[str]
    """It ends with SIGINT."""
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
    cpu_ns: int

    @property
    def rate(self) -> float:
        """Packets that were sent in a second."""
        return self.sent / self.seconds

    @property
    def lost(self) -> int:
        """Packets sent and not processed."""
        return max(self.sent - self.received, 0)

    @property
    def each_ns(self) -> float:
        """Processor time of a packet."""
        return self.cpu_ns / max(self.received, 1)


WIRESTAT = f"{Path(sys.executable).with_name('wirestat')} live -i vb -q -B {RING_MIB} --format ndjson"
KEPT = Path(tempfile.gettempdir()) / "wirestat-bench.pcap"
TCPDUMP = f"tcpdump -i vb -B {RING_MIB << 10} -Z root -w /dev/null"


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
    Tool(
        "scapy sniff",
        [sys.executable, "-c", SNIFF.format(ring=RING_MIB << 20)],
        lambda out: int(out.split()[-1]),
        lambda _: None,
        most=60_000,
    ),
    Tool(
        "tcpdump -w /dev/null",
        TCPDUMP.split(),
        lambda out: first(r"(\d+) packets? captured", out),
        lambda out: first(r"(\d+) packets? dropped by kernel", out),
    ),
    Tool(
        "floor: a ring, copied",
        [sys.executable, "-c", LEAN.format(ring=RING_MIB << 20)],
        lambda out: int(out.split()[-1]),
        lambda _: None,
    ),
    Tool(
        "tcpdump -w FILE",
        f"{TCPDUMP.rpartition(' ')[0]} {KEPT}".split(),
        lambda out: first(r"(\d+) packets? captured", out),
        lambda out: first(r"(\d+) packets? dropped by kernel", out),
    ),
    Tool(
        "wirestat live",
        WIRESTAT.split(),
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


def threads_of(process: int) -> Iterator[Path]:
    """Find the threads of a process and of all that it has started."""
    for thread in Path(f"/proc/{process}/task").iterdir():
        yield thread
        for child in (thread / "children").read_text().split():
            yield from threads_of(int(child))


def spent_ns(process: int) -> int:
    """Read how long a process and its children have run so far."""
    spent = 0
    for thread in threads_of(process):
        with suppress(FileNotFoundError):  # it has just ended
            spent += int((thread / "schedstat").read_text().split()[0])
    return spent


def settled_ns(process: int) -> int:
    """Wait until a tool waits for packets, or has read all that came; return how long it has run until then."""
    until, before = time.monotonic() + PATIENCE, -NOTHING_NS
    while time.monotonic() < until:
        after = spent_ns(process)
        try:
            is_open = len(Path(f"/proc/{process}/net/packet").read_text().splitlines()) > 1
        except FileNotFoundError:
            raise SystemExit("a tool has ended before its time") from None
        if is_open and after - before < NOTHING_NS:
            return after
        before = after
        time.sleep(CALM)
    raise SystemExit("a tool does not come to rest")


def run(tool: Tool, capture: Path, rate: int, seconds: float) -> Run:
    """Let a tool capture while packets are sent at a rate."""
    blast = f"{sys.executable} {Path(__file__).with_name('blast.py')}"
    sending = f"taskset -c 1 ip netns exec {OUT} {blast} va {capture} {rate} {seconds} afresh"
    with tempfile.TemporaryFile("w+") as output:
        receiving = subprocess.Popen(
            ["taskset", "-c", "0", "ip", "netns", "exec", IN, *tool.command], stdout=output, stderr=output
        )
        before = settled_ns(receiving.pid)
        said = subprocess.run(shlex.split(sending), capture_output=True, text=True, check=True).stdout
        time.sleep(LATEST)
        after = settled_ns(receiving.pid)
        receiving.send_signal(signal.SIGINT)
        receiving.wait()
        output.seek(0)
        text = output.read()
    _, sent, _, elapsed = said.split()
    return Run(int(sent), float(elapsed), tool.received(text), tool.reported(text), after - before)


def race(tools: list[Tool], capture: Path, rate: int, seconds: float, rounds: int) -> dict[str, list[Run]]:
    """Have tools capture at a rate in turns."""
    runs: defaultdict[str, list[Run]] = defaultdict(list)
    for _ in range(rounds):
        for tool in tools:
            result = run(tool, capture, rate, seconds)
            runs[tool.name].append(result)
            told = "-" if result.reported is None else str(result.reported)
            print(
                f"  {tool.name:<22} {result.rate:>9,.0f}/s  lost {result.lost:>8,} (reported {told})  "
                f"{result.each_ns:>8,.0f} ns a packet",
                flush=True,
            )
    return runs


def _compare(best: dict[str, float], each_ns: dict[str, dict[int, float]]) -> None:
    """Print how wirestat and the floor stand beside the others; those that did not run are left out."""
    scapy, dump, floor, _, mine = (tool.name for tool in TOOLS)
    print()
    for other, bar in ((scapy, 10), (dump, 0.5)):
        if best.get(other):
            print(f"{mine}, beside {other}, without loss: {best[mine] / best[other]:.2f}; bar: {bar}")
    for one, promise in ((mine, "; bar: 0.6"), (floor, "")):
        for rate, ns in each_ns.get(one, {}).items():
            if theirs := each_ns.get(dump, {}).get(rate):
                print(f"{one}, beside {dump}, by processor time at {rate:,}/s: {theirs / ns:.2f}{promise}")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=4.0)
    rates = "1000,2000,4000,8000,10000,16000,32000,50000,100000,200000,400000,600000,800000,1000000,1500000"
    parser.add_argument("--rates", default=rates, help="packets a second, rising")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each tool at each rate")
    parser.add_argument("--without", nargs="*", default=[], help="tools that are left out, by name")
    options = parser.parse_args()
    tools = [tool for tool in TOOLS if not tool.name.startswith(tuple(options.without))]
    best: dict[str, float] = {}
    each_ns: defaultdict[str, dict[int, float]] = defaultdict(dict)
    hidden = 0
    with tempfile.TemporaryDirectory() as folder, namespaces():
        capture = Path(folder) / "traffic.pcap"
        write(capture, CONNECTIONS)
        for rate in map(int, options.rates.split(",")):
            asked = [tool for tool in tools if rate <= tool.most]
            for name, runs in race(asked, capture, rate, options.seconds, options.rounds).items():
                each_ns[name][rate] = median(each.each_ns for each in runs)
                hidden += sum(
                    bool(each.lost) and name == TOOLS[-1].name and not each.reported for each in runs
                )
                if any(each.lost for each in runs):
                    tools = [tool for tool in tools if tool.name != name]
                else:
                    best[name] = median(each.rate for each in runs)
    KEPT.unlink(missing_ok=True)
    print(f"\n{'':<22} {'without loss':>14}  ns a packet at each rate")
    for name, found in each_ns.items():
        print(f"{name:<22} {best.get(name, 0):>12,.0f}/s  {', '.join(f'{ns:,.0f}' for ns in found.values())}")
    _compare(best, each_ns)
    print("every loss was reported" if not hidden else f"LOSS NOT REPORTED in {hidden} runs")


if __name__ == "__main__":
    main()
