"""What it costs to write every connection, beside the summary."""

from bench.contest import contest
from bench.peers import MAIN_JOB, main_job, wirestat
from bench.races import Course, Outcome
from bench.races.headers import CONNECTIONS


def race(course: Course) -> Outcome:
    """Compare the formats."""
    capture = course.trace("headers", CONNECTIONS)
    field = [
        main_job(capture, course.scratch / "main"),
        wirestat("text", capture, course.scratch / "text", format="text"),
        wirestat("all connections, JSON", capture, course.scratch / "json"),
        wirestat("all connections, NDJSON", capture, course.scratch / "ndjson", format="ndjson"),
    ]
    return Outcome("what the output costs", contest(field, course.rounds), MAIN_JOB)
