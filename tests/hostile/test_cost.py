"""No hostile packets take more than a table's memory; ten million sources take no more than one million.

``python -m bench.hostile`` measures what they cost in time.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.hostile.kinds import HOSTILE
from tests.hostile.monsters import MONSTERS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
COUNT = {"random_flags": 1_600_000, "near_flags": 1_600_000}
"""Packets of these kinds: enough for connections of every kind that is judged."""
OTHERS = 400_000
TABLE = 100_000
"""Connections that are held at most."""
MEMORY = 300 << 20
"""Bytes that a run may take: for such a table, and for the interpreter."""
FEW, MANY = 1_000_000, 10_000_000
COMMAND = [sys.executable, "-P", "-m", "wirestat", "analyze", "--summary", "--max-connections", str(TABLE)]


MARK = "\x00used "
LAUNCHER = f"""
import json, os, sys
pid = os.fork()
if not pid:
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
used = [usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status)]
sys.stdout.write({MARK!r} + json.dumps(used))
"""
"""Starts a program and reports its peak memory: a direct child would begin with the memory of these tests."""


class Done(NamedTuple):
    """A finished run of wirestat."""

    peak: int
    """Bytes."""
    code: int
    said: str


def analyze(*words: str) -> Done:
    """Analyse packets that a separate process makes: making them here would take memory."""
    source = subprocess.Popen(
        [sys.executable, "-m", "tests.hostile", *words], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert source.stdout is not None
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", LAUNCHER, *COMMAND, "-"],
            stdin=source.stdout,
            stdout=said,
            stderr=said,
        )
        source.stdout.close()
        assert process.wait() == 0
        source.wait()
        said.seek(0)
        told, _, used = said.read().decode().rpartition(MARK)
        peak, code = json.loads(used)
        return Done(peak, code, told)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_flood_takes_little_memory_and_is_read_to_its_end(kind: str) -> None:
    count = COUNT.get(kind, OTHERS)
    done = analyze(kind, str(count))
    print(f"{kind}: {done.peak >> 20} MiB")
    assert done.code == 0, done.said
    assert f"{count:,} frames" in done.said
    assert done.peak < MEMORY


def test_ten_million_sources_take_no_more_memory_than_one_million() -> None:
    few, many = (analyze("sources", str(count)) for count in (FEW, MANY))
    print(f"{MANY:,} sources: {few.peak >> 20} and {many.peak >> 20} MiB")
    assert (few.code, many.code) == (0, 0)
    assert many.peak < 1.1 * few.peak
    # Every one of them is counted, and those let go are named.
    assert f"{MANY:,} connections" in many.said
    let_go = re.search(r"([\d,]+) embryonic connections let go", many.said)
    assert let_go is not None, many.said
    assert int(let_go[1].replace(",", "")) >= MANY - TABLE


@pytest.mark.parametrize("name", MONSTERS)
def test_bombs_and_monsters_take_little_memory_and_end(name: str) -> None:
    done = analyze(name)
    print(f"{name}: {done.peak >> 20} MiB, exit code {done.code}")
    assert done.code in (0, 3), done.said
    assert "Traceback" not in done.said
    assert done.peak < MEMORY
