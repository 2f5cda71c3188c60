"""The cost of tracking beside reading with scapy and tshark, and how they compare with the core.

    python -m bench.engines [--connections 5000] [--rounds 3]

``reading alone`` is the same reader without wirestat: scapy's ``PcapReader`` in a loop, with the fields of each
packet asked for where packets are handed over; tshark printing the same fields to nobody. Of files scapy dissects
only what the core cannot, so tracking them takes less than reading them as scapy's users do; beside that stands what
it takes more than ``RawPcapReader``, which splits a file into bytes and does nothing else. Processor time counts, the
best of some rounds: a busy machine has no say in it.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from bench.traffic import write
from wirestat.capture import engines
from wirestat.capture.engines import Engine
from wirestat.capture.tshark_fields import OUTPUT, PREFERENCES
from wirestat.timers import LINUX
from wirestat.tracker import Tracker


def seconds(action: Callable[[], object], rounds: int) -> float:
    """Return the least processor time that the action takes, here and in processes that it starts."""
    times = []
    for _ in range(rounds):
        before = processor_time()
        action()
        times.append(processor_time() - before)
    return min(times)


def processor_time() -> float:
    """Return the seconds that were spent so far, here and in processes that have ended."""
    usages = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def drained(engine: Engine, path: str) -> None:
    """Track a capture, without the report that follows."""
    source = engines.files(engine, [path])
    source.drain(Tracker(LINUX, release=True).core)
    source.close()


def scapy_frames(path: str) -> None:
    """Read bytes and times."""
    from scapy.utils import RawPcapReader

    with RawPcapReader(path) as frames:
        for _data, _about in frames:
            pass


def scapy_read(path: str) -> None:
    """Read packets as users of scapy do; each is dissected."""
    import scapy.layers.all  # noqa: F401  # loads the dissectors
    from scapy.utils import PcapReader

    with PcapReader(path) as packets:
        for _packet in packets:
            pass


def scapy_packets(path: str) -> None:
    """Read packets, dissected, and look at what tracking takes."""
    import scapy.layers.all  # noqa: F401  # loads the dissectors
    from scapy.utils import PcapReader

    with PcapReader(path) as packets:
        for packet in packets:
            tcp = packet["TCP"]
            _ = packet["IP"].src, tcp.sport, tcp.seq, tcp.ack, tcp.flags, tcp.window, packet.time


def scapy_tracked(path: str) -> None:
    """Hand the same packets to wirestat."""
    import scapy.layers.all  # noqa: F401  # loads the dissectors
    from scapy.utils import PcapReader

    with PcapReader(path) as packets:
        engines.packets(packets).drain(Tracker(LINUX, release=True).core)


def tshark(path: str) -> None:
    """Print the fields that wirestat asks for."""
    preferences = [word for each in PREFERENCES for word in ("-o", each)]
    subprocess.run(["tshark", "-n", *preferences, "-r", path, *OUTPUT], capture_output=True, check=True)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--connections", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder) / "traffic.pcap"
        frames = write(capture, options.connections)
        path = str(capture)
        rows: list[tuple[str, Callable[[], object] | None, Callable[[], object]]] = [
            ("native", None, lambda: drained("native", path)),
            ("scapy, files", lambda: scapy_read(path), lambda: drained("scapy", path)),
            ("  beside raw reading", lambda: scapy_frames(path), lambda: drained("scapy", path)),
            ("scapy, packets handed over", lambda: scapy_packets(path), lambda: scapy_tracked(path)),
            ("pyshark", lambda: tshark(path), lambda: drained("pyshark", path)),
        ]
        drained("scapy", path)  # imports are not what is measured
        print(f"{frames:,} frames\n\n{'':<28} {'reading alone':>16} {'tracked':>16} {'overhead':>10}")
        for name, alone, tracked in rows:
            with_us = seconds(tracked, options.rounds)
            without = seconds(alone, options.rounds) if alone else None
            reading = f"{frames / without:,.0f}/s" if without else ""
            more = f"{with_us / without - 1:+.0%}" if without else ""
            print(f"{name:<28} {reading:>16} {frames / with_us:>14,.0f}/s {more:>10}")


if __name__ == "__main__":
    main()
