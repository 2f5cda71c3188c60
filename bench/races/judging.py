"""The cost of diagnosing, beside the main job."""

import sys

from bench.bars import Bar
from bench.contest import Contestant, contest
from bench.races import Course, Outcome
from bench.races.memory import CONNECTIONS

_SHARE = 0.25


def race(course: Course) -> Outcome:
    """Do the main job on half-open connections with the rules and without."""
    capture = course.trace("flood", CONNECTIONS)
    job = [sys.executable, "-m", "bench.job", str(capture)]
    field = [Contestant("without rules", [*job, "unjudged"]), Contestant("with rules", [*job, "judged"])]
    costs = contest(field, course.rounds + 2)
    added = costs["with rules"].cpu / costs["without rules"].cpu - 1
    bar = Bar("what diagnosing adds to the main job", added, _SHARE)
    return Outcome("diagnosing, half-open connections", costs, "without rules", (bar,))
