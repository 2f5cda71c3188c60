"""The main job beside the floor, and beside everyone.

The floor is what reading, decoding and finding connections takes where nothing is inferred, and what it takes to keep
the least of TCP.
"""

import os
import subprocess
from pathlib import Path

from bench.contest import Contestant, contest
from bench.peers import MAIN_JOB, WIRESTAT, peers, wirestat
from bench.races import Course, Outcome
from bench.races.headers import CONNECTIONS

FRAMES = 4_000_000
_CORE = Path(__file__).parents[2] / "src" / "core"
_STAGES = {
    "frames read": "read",
    "... and decoded": "decode",
    "... and found, one cache line a connection": "1",
    "... two lines": "2",
    "... four": "4",
    "... five, as wirestat": "5",
    "... seven": "7",
    "... two, in which the least of TCP is kept": "tcp",
}


_TWO_AT_ONCE = "two of it at once, each all of the capture"
"""The floor of two jobs: no two threads that share one capture are faster than two processes that share nothing."""


def race(course: Course) -> Outcome:
    """Compare with a lean loop of the same reader, decoder and hash table, in steps: connections at random."""
    title = "the floor, 50,000 connections at random, 4 million headers"
    return _beside(course, course.trace("headers-at-random", FRAMES), title)


def local(course: Course) -> Outcome:
    """Compare with the same loop: connections one after the other."""
    title = "the floor, half a million connections one after the other, 8 million headers"
    return _beside(course, course.trace("headers", CONNECTIONS), title)


def _beside(course: Course, capture: Path, title: str) -> Outcome:
    floor = _built()
    job = wirestat(MAIN_JOB, capture, course.scratch / "main", "--summary", "--jobs", "1")
    two = wirestat("wirestat --jobs 2", capture, course.scratch / "main", "--summary", "--jobs", "2")
    alone: list[str | Path] = [WIRESTAT, "analyze", "--format", "json", "--summary", "--jobs", "1", capture]
    twice = Contestant(_TWO_AT_ONCE, ["sh", "-c", '"$0" "$@" & "$0" "$@"; wait', *alone])
    lean = [Contestant(name, [floor, stage, capture]) for name, stage in _STAGES.items()]
    field = [job, two, twice, *lean, *peers(capture)]
    return Outcome(title, contest(field, course.rounds), MAIN_JOB)


_AS_RELEASED = {"LTO": "fat", "CODEGEN_UNITS": "1", "OPT_LEVEL": "3", "INCREMENTAL": "false"}
"""As in Cargo.toml, whatever the machine's own settings are: built otherwise it takes twice as long."""


def _built() -> Path:
    """Build the lean loop, and return where it is."""
    target = _CORE / "target"
    where = ["--manifest-path", str(_CORE / "Cargo.toml"), "--target-dir", str(target)]
    build = ["cargo", "build", "--quiet", "--release", "--example", "floor", *where]
    settings = {f"CARGO_PROFILE_RELEASE_{name}": value for name, value in _AS_RELEASED.items()}
    subprocess.run(build, check=True, env={**os.environ, **settings})
    return target / "release" / "examples" / "floor"
