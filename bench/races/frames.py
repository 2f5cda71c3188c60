"""The main job on full frames, where most of a file is of no interest."""

from bench.bars import Bar
from bench.contest import contest
from bench.peers import MAIN_JOB, cat, main_job, peers
from bench.races import Course, Outcome

BYTES = 1_500_000_000


def race(course: Course) -> Outcome:
    """Compare with everyone."""
    capture = course.trace("frames", BYTES)
    field = [main_job(capture, course.scratch / "main"), cat(capture), *peers(capture)]
    costs = contest(field, course.rounds)
    bar = Bar("wall time beside cat FILE > /dev/null", costs[MAIN_JOB].wall / costs["cat"].wall, 4)
    return Outcome("full-frame trace, 1.5 GB", costs, MAIN_JOB, (bar,))
