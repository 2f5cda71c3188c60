"""How long nothing takes, and how much of it the libraries take that wirestat is built on."""

import sys

from bench.bars import Bar
from bench.contest import Contestant, contest
from bench.peers import WIRESTAT
from bench.races import Course, Outcome

_NOTHING = "python3 -c pass"
_LIMITS = {"wirestat --version": 7.5, "wirestat analyze, ten frames": 4.5}
"""Times the processor time of an interpreter that does nothing."""
_FLOOR = ("msgspec", "msgspec, wirestat._core", "click, msgspec, wirestat._core")
"""Modules that a capture takes; click only where the command line is more than names."""
_TIMES = 10
"""Short runs can be repeated more often than long ones."""


def race(course: Course) -> Outcome:
    """Compare with an interpreter that does nothing, and with one that only imports the libraries."""
    ten_frames = course._replace(divisor=1).trace("flood", 5)
    field = [
        Contestant(_NOTHING, [sys.executable, "-c", "pass"]),
        *(
            Contestant(f"floor: import {names}", [sys.executable, "-c", f"import {names}"])
            for names in _FLOOR
        ),
        Contestant("wirestat --version", [WIRESTAT, "--version"]),
        Contestant("wirestat analyze, ten frames", [WIRESTAT, "analyze", ten_frames]),
    ]
    costs = contest(field, course.rounds * _TIMES)
    unit = costs[_NOTHING].cpu
    bars = tuple(
        Bar(f"{name}, CPU time beside {_NOTHING}", costs[name].cpu / unit, limit)
        for name, limit in _LIMITS.items()
    )
    return Outcome("start-up", costs, _NOTHING, bars)
