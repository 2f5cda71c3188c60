"""The cost of hostile packets, in processor time, beside plain ones; and how soon bombs and monsters are through.

    python -m bench.hostile [KIND...]

Each kind is analysed in two lengths: what the longer one takes more is a packet's cost, what is left of the shorter
one is paid once, as where connections are judged. Each figure is the cheapest of some runs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence

from bench import table
from bench.bars import Bar
from bench.process import Cost, run
from tests.hostile.kinds import HOSTILE
from tests.hostile.monsters import MONSTERS

COUNT, PLAIN, SOURCES = 200_000, 1_000_000, 10_000_000
TIMES = 20.0
"""Plain packets that a hostile one may cost."""
JUDGED = {"random_flags": 800_000, "near_flags": 800_000}
"""Packets that it takes to make all the kinds of connections that are judged: what comes behind them is measured."""
JUDGING = 60.0
"""Starts of wirestat that the judging of those kinds may take, once a report."""
MONSTER_S = 20.0
"""Processor seconds that a monster may take: the bomb's gigabyte is read."""
RUNS = 2
TABLE = 100_000
"""Connections that are held at most."""
MAKER = [sys.executable, "-m", "tests.hostile"]
COMMAND = [sys.executable, "-m", "wirestat", "analyze", "--summary", "--max-connections", str(TABLE)]


def cheapest(*words: str) -> float:
    """Return the processor seconds of analysing what is made; what else the machine does makes a run dearer."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        subprocess.run([*MAKER, *words], stdout=file, check=True)
        return min(_cost([*COMMAND, file.name]).cpu for _ in range(RUNS))


def _cost(command: Sequence[str]) -> Cost:
    """Return what a run costs; that a damaged capture is one is no failure."""
    return run(["sh", "-c", '"$@" || [ $? = 3 ]', "sh", *command])


def floods(kinds: Sequence[str]) -> Iterator[Bar]:
    """Measure each kind of flood, and monsters that are named."""
    start = cheapest("plain", "0")
    plain = (cheapest("plain", str(PLAIN)) - start) / PLAIN
    for kind in kinds:
        if kind == "sources":
            many = run([*COMMAND, "-"], [*MAKER, "sources", str(SOURCES)]).cpu
            yield Bar(
                f"one of {SOURCES:,} sources, beside a plain packet", (many - start) / SOURCES / plain, TIMES
            )
            continue
        if kind in MONSTERS:
            yield Bar(kind, cheapest(kind) - start, MONSTER_S, unit="s")
            continue
        count = JUDGED.get(kind, COUNT)
        half, whole = (cheapest(kind, str(packets)) for packets in (count, 2 * count))
        packet = (whole - half) / count
        yield Bar(f"a packet of {kind}, beside a plain one", packet / plain, TIMES)
        yield Bar("… once, beside a start of wirestat", max(half - count * packet, 0) / start, JUDGING)


def main() -> int:
    """Print a table; 1 where a promise does not hold."""
    known = [*HOSTILE, "sources", *MONSTERS]
    parser = argparse.ArgumentParser(prog="python -m bench.hostile")
    parser.add_argument("kinds", nargs="*", metavar="KIND", choices=[*known, []], help=", ".join(known))
    bars = list(floods(parser.parse_args().kinds or known))
    print(*table.bars(bars), sep="\n")
    return 0 if all(bar.holds for bar in bars) else 1


if __name__ == "__main__":
    raise SystemExit(main())
