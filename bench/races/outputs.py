"""The cost of writing every connection, beside the summary."""

from bench.bars import Bar
from bench.contest import contest
from bench.peers import MAIN_JOB, main_job, wirestat
from bench.races import Course, Outcome
from bench.races.headers import CONNECTIONS

_TABLES = {"csv": "CSV", "parquet": "Parquet", "zeek": "Zeek's conn.log"}
_TIMES = 1.5


def race(course: Course) -> Outcome:
    """Compare the formats."""
    capture = course.trace("headers", CONNECTIONS)
    field = [
        main_job(capture, course.scratch / "main"),
        wirestat("text", capture, course.scratch / "text", format="text"),
        wirestat("all connections, JSON", capture, course.scratch / "json"),
        wirestat("all connections, NDJSON", capture, course.scratch / "ndjson", format="ndjson"),
        *(
            wirestat(f"all connections, {name}", capture, course.scratch / f"table.{format}", format=format)
            for format, name in _TABLES.items()
        ),
    ]
    costs = contest(field, course.rounds)
    bars = tuple(
        Bar(
            f"{name}, beside the main job",
            costs[f"all connections, {name}"].cpu / costs[MAIN_JOB].cpu,
            _TIMES,
        )
        for name in _TABLES.values()
    )
    return Outcome("what the output costs", costs, MAIN_JOB, bars)
