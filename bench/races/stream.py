"""A long stream through standard input: memory must not depend on its length."""

from bench.bars import Bar
from bench.contest import Contestant, contest
from bench.make import command
from bench.peers import wirestat
from bench.races import Course, Outcome

BYTES = 10_000_000_000
_GROWTH = 1.1


def race(course: Course) -> Outcome:
    """Compare the whole with its first third: by then, connections end as fast as they begin."""
    whole = BYTES // course.divisor
    short, long = whole // 3, whole
    costs = contest([_fed(course, short), _fed(course, long)], 1)
    first, last = costs.values()
    bar = Bar("peak memory of a stream beside that of its first third", last.peak / first.peak, _GROWTH)
    return Outcome("a stream through standard input", costs, next(iter(costs)), (bar,))


def _fed(course: Course, size: int) -> Contestant:
    analyze = [*wirestat("", course.scratch, course.scratch / "stream", "--summary").command[:-1], "-"]
    return Contestant(f"{size / 1e9:.2f} GB", analyze, feeder=command("stream", size, "-"))
