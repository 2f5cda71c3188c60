"""The main job on a header-only trace of 8 million frames and half a million connections.

Processor time is that of one job: a second one reads all frames as well, to be done sooner, and the others have none.
"""

from bench.bars import Bar
from bench.contest import contest
from bench.peers import MAIN_JOB, cat, peers, wirestat
from bench.races import Course, Outcome

CONNECTIONS = 500_000

_TWO_JOBS = "wirestat --jobs 2"
_TIMES_LESS_CPU = {"tshark -n -q -z conv,tcp": 40, "argus": 3.2, "tcptrace -n": 6}


def race(course: Course) -> Outcome:
    """Compare with everyone."""
    capture = course.trace("headers", CONNECTIONS)
    out = course.scratch / "main"
    field = [
        wirestat(MAIN_JOB, capture, out, "--summary", "--jobs", "1"),
        wirestat(_TWO_JOBS, capture, out, "--summary", "--jobs", "2"),
        cat(capture),
        *peers(capture),
    ]
    costs = contest(field, course.rounds)
    ours = costs[MAIN_JOB].cpu
    bars = tuple(
        Bar(f"less CPU time than {name}", costs[name].cpu / ours, limit, at_least=True)
        for name, limit in _TIMES_LESS_CPU.items()
        if name in costs
    )
    return Outcome("header-only trace, 8 million frames", costs, MAIN_JOB, bars)
