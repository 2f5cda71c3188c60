"""How long nothing takes."""

import sys

from bench.bars import Bar
from bench.contest import Contestant, contest
from bench.peers import WIRESTAT
from bench.races import Course, Outcome

_PYTHON_S = 0.020
"""The time that ``python3 -c pass`` takes on the machine that the promises speak of."""
_LIMITS_S = {"wirestat --version": 0.150, "wirestat analyze, ten frames": 0.250}
_TIMES = 10
"""Short runs can be repeated more often than long ones."""


def race(course: Course) -> Outcome:
    """Compare with an interpreter that does nothing."""
    ten_frames = course._replace(divisor=1).trace("flood", 5)
    field = [
        Contestant("python3 -c pass", [sys.executable, "-c", "pass"]),
        Contestant("wirestat --version", [WIRESTAT, "--version"]),
        Contestant("wirestat analyze, ten frames", [WIRESTAT, "analyze", ten_frames]),
    ]
    costs = contest(field, course.rounds * _TIMES)
    unit = costs["python3 -c pass"].wall
    bars = tuple(
        Bar(f"{name}, beside python3 -c pass", costs[name].wall / unit, limit / _PYTHON_S)
        for name, limit in _LIMITS_S.items()
    )
    return Outcome("start-up", costs, "python3 -c pass", bars)
