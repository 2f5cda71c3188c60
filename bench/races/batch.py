"""A thousand small captures: the tables of all of them, beside one process that reads them one after another."""

import sys
from pathlib import Path

from bench.bars import Bar
from bench.contest import Contestant, contest
from bench.peers import WIRESTAT
from bench.races import Course, Outcome
from bench.traces import ORDINARY, trace

CAPTURES = 1000
_MOST_CONNECTIONS = 20
_TIMES_CPU, _FASTER = 1.3, 1.8
_ALONE = "one after another, no tables"
_READING = """
import sys
from pathlib import Path
import wirestat
for path in sorted(Path(sys.argv[1]).iterdir()):
    wirestat.analyze(path)
"""


def race(course: Course) -> Outcome:
    """Compare ``batch`` by one and by two workers with reading and judging alone."""
    captures = CAPTURES // course.divisor
    folder = _captures(course.data / f"small-{captures}", captures)
    field = [
        Contestant(_ALONE, [sys.executable, "-c", _READING, folder]),
        *(Contestant(f"batch --jobs {jobs}", _batch(folder, course.scratch, jobs)) for jobs in (1, 2)),
    ]
    costs = contest(field, course.rounds)
    one, two = costs["batch --jobs 1"], costs["batch --jobs 2"]
    bars = (
        Bar(
            f"{captures:,} small captures: CPU time beside reading alone",
            one.cpu / costs[_ALONE].cpu,
            _TIMES_CPU,
        ),
        Bar("... two workers beside one, wall time", one.wall / two.wall, _FASTER, at_least=True),
    )
    return Outcome(f"{captures:,} small captures", costs, _ALONE, bars)


def _batch(folder: Path, scratch: Path, jobs: int) -> list[str | Path]:
    """Return a command that writes to a folder of its own each time: batch does not write over results."""
    run = f'out=$(mktemp -d -p {scratch}) && exec "$0" batch "$1" -o "$out" --jobs {jobs}'
    return ["sh", "-c", run, WIRESTAT, folder]


def _captures(folder: Path, count: int) -> Path:
    """Write captures of one to twenty connections, where they are not there."""
    if not folder.exists():
        unfinished = folder.with_suffix(".part")
        unfinished.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            with (unfinished / f"{number:04}.pcap").open("wb") as file:
                file.writelines(trace(ORDINARY, 1 + number % _MOST_CONNECTIONS, payload=False))
        unfinished.rename(folder)
    return folder
