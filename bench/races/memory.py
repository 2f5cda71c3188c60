"""Peak memory with half a million connections alive."""

from bench.bars import Bar
from bench.contest import contest
from bench.peers import main_job
from bench.races import Course, Outcome

CONNECTIONS = 500_000
_EACH, _EACH_CLOSED, _BESIDE = 400, 500, 64e6


def race(course: Course) -> Outcome:
    """Measure open, half-open and closed connections, and an empty table for comparison."""
    traces = {
        "none": course.trace("flood", 1),
        "open, with data": course.trace("alive", CONNECTIONS),
        "half-open": course.trace("flood", CONNECTIONS),
        "closed": course.trace("closed", CONNECTIONS),
    }
    field = [main_job(path, course.scratch / "main")._replace(name=name) for name, path in traces.items()]
    costs = contest(field, course.rounds)
    connections = CONNECTIONS // course.divisor
    bars = tuple(
        Bar(
            f"bytes a connection, {name}, beside 64 MB",
            (costs[name].peak - _BESIDE) / connections,
            _EACH_CLOSED if name == "closed" else _EACH,
            unit="B",
        )
        for name in traces
        if name != "none"
    )
    return Outcome(f"memory, {connections:,} connections", costs, "none", bars)
