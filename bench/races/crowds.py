"""The main job where connections are interleaved at random, as on a busy link: nothing that a frame needs is near."""

from bench.bars import Bar
from bench.contest import contest
from bench.peers import MAIN_JOB, cat, main_job, peers, wirestat
from bench.races import Course, Outcome

FRAMES = 4_000_000
_TIMES_LESS_CPU = {"tshark -n -q -z conv,tcp": 45, "argus": 4.2, "tcptrace -n": 10.5}
_TWO_JOBS = "wirestat --jobs 2"
_FASTER = 1.7


def race(course: Course) -> Outcome:
    """Compare with everyone, and one core with two."""
    capture = course.trace("headers-at-random", FRAMES)
    out = course.scratch / "main"
    field = [
        wirestat(MAIN_JOB, capture, out, "--summary", "--jobs", "1"),
        wirestat(_TWO_JOBS, capture, out, "--summary", "--jobs", "2"),
        cat(capture),
        *peers(capture),
    ]
    costs = contest(field, course.rounds)
    ours = costs[MAIN_JOB]
    bars = tuple(
        Bar(f"at random: less CPU time than {name}", costs[name].cpu / ours.cpu, limit, at_least=True)
        for name, limit in _TIMES_LESS_CPU.items()
        if name in costs
    )
    faster = ours.wall / costs[_TWO_JOBS].wall
    two = Bar("at random: two cores beside one, wall time", faster, _FASTER, at_least=True)
    return Outcome("50,000 connections at random, 4 million headers", costs, MAIN_JOB, (*bars, two))


FULL_FRAMES = 670_000
"""Some 318 MB."""
_TIMES_CAT = 3.5


def full_frames(course: Course) -> Outcome:
    """Compare with reading alone, where most of a file is of no interest."""
    capture = course.trace("frames-at-random", FULL_FRAMES)
    long = course.trace("long-at-random", FULL_FRAMES)
    field = [
        main_job(capture, course.scratch / "main"),
        cat(capture),
        main_job(long, course.scratch / "main")._replace(name="wirestat --summary, many frames each"),
        cat(long)._replace(name="cat, many frames each"),
    ]
    costs = contest(field, course.rounds)
    figure = costs[MAIN_JOB].wall / costs["cat"].wall
    bar = Bar("at random: whole frames, wall time beside cat FILE > /dev/null", figure, _TIMES_CAT)
    return Outcome("50,000 connections at random, whole frames", costs, MAIN_JOB, (bar,))


def actives(course: Course) -> Outcome:
    """Compare a thousand connections at a time with 50,000 and half a million."""
    names = {"1,000": "few-at-random", "50,000": "headers-at-random", "500,000": "throng-at-random"}
    field = [
        wirestat(name, course.trace(trace, FRAMES), course.scratch / "main", "--summary", "--jobs", "1")
        for name, trace in names.items()
    ]
    return Outcome("connections active at a time, 4 million headers", contest(field, course.rounds), "50,000")
