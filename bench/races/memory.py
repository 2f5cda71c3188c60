"""Peak memory with half a million connections alive."""

from bench.bars import Bar
from bench.contest import contest
from bench.peers import main_job
from bench.races import Course, Outcome

CONNECTIONS = 500_000
_EACH, _BESIDE = 400, 64e6


def race(course: Course) -> Outcome:
    """Measure open and half-open connections, and an empty table for comparison."""
    traces = {
        "none": course.trace("flood", 1),
        "open, with data": course.trace("alive", CONNECTIONS),
        "half-open": course.trace("flood", CONNECTIONS),
    }
    field = [main_job(path, course.scratch / "main")._replace(name=name) for name, path in traces.items()]
    costs = contest(field, course.rounds)
    connections = CONNECTIONS // course.divisor
    bars = tuple(
        Bar(
            f"bytes a connection, {name}, beside 64 MB",
            (costs[name].peak - _BESIDE) / connections,
            _EACH,
            unit="B",
        )
        for name in traces
        if name != "none"
    )
    return Outcome(f"memory, {connections:,} connections", costs, "none", bars)
