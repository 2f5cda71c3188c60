"""The cost of handing every connection over: in columns, and as NDJSON."""

import subprocess
import sys

from bench.bars import Bar
from bench.contest import Contestant, contest
from bench.races import Course, Outcome
from bench.walk import SIZES, WALKS

CONNECTIONS = 120_000
_LIMITS_US = {"columns": 1, "ndjson": 7}
_TIMES_RAW = 2


def race(course: Course) -> Outcome:
    """Walk over all connections, and over none for comparison."""
    capture = course.trace("headers", CONNECTIONS)
    job = [sys.executable, "-m", "bench.walk", str(capture)]
    costs = contest([Contestant(how, [*job, how]) for how in WALKS], course.rounds + 2)
    # In a process of its own: whoever is started is held to have taken as much memory as who starts it.
    sizes = subprocess.run([*job, SIZES], stdout=subprocess.PIPE, check=True, text=True).stdout
    connections, raw = map(int, sizes.split())
    added_us = {how: (costs[how].cpu - costs["nothing"].cpu) / connections * 1e6 for how in _LIMITS_US}
    taken = costs["columns"].peak - costs["nothing"].peak
    bars = (
        *(Bar(f"a connection, {how}", added_us[how], limit, unit="µs") for how, limit in _LIMITS_US.items()),
        Bar("memory that columns take up, beside their size", taken / raw, _TIMES_RAW),
    )
    return Outcome(f"a walk over {connections:,} connections", costs, "nothing", bars)
