"""No hostile packet costs more than twenty times a plain one; ten million take no more memory than one million."""

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
COUNT, PLAIN = 200_000, 1_000_000
TIMES = 20.0
"""Plain packets that a hostile one may cost."""
JUDGED = {"random_flags": 800_000, "near_flags": 800_000}
"""Packets that it takes to make all the kinds of connections that are judged: what comes behind them is measured."""
JUDGING = 60.0
"""Starts of wirestat's that the judging of those kinds may take, once a report."""
RUNS = 2
TABLE = 100_000
"""Connections that are held at most."""
MEMORY = 300 << 20
"""Bytes that any of them may take: such a table, and what the interpreter needs."""
MONSTER_S = 20.0
"""Processor seconds that a monster may take: the bomb's gigabyte is read."""
FEW, MANY = 1_000_000, 10_000_000
COMMAND = [sys.executable, "-P", "-m", "wirestat", "analyze", "--summary", "--max-connections", str(TABLE)]


MARK = "\x00used "
LAUNCHER = f"""
import json, os, sys
pid = os.fork()
if not pid:
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
used = [usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status)]
sys.stdout.write({MARK!r} + json.dumps(used))
"""
"""Starts a program and says what it used. Started from here, a program would have had the memory of these tests."""


class Done(NamedTuple):
    """A run of wirestat's that has ended."""

    cpu: float
    """Seconds."""
    peak: int
    """Bytes."""
    code: int
    said: str


def analyze(capture: Path | None, *streamed: str) -> Done:
    """Analyse a file, or what is streamed by a process of its own: who makes it needs memory, and so would we."""
    source = _maker(*streamed, out=subprocess.PIPE) if streamed else None
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", LAUNCHER, *COMMAND, capture or "-"],
            stdin=source.stdout if source else subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        if source and source.stdout:
            source.stdout.close()
        assert process.wait() == 0
        if source:
            source.wait()
        said.seek(0)
        told, _, used = said.read().decode().rpartition(MARK)
        cpu, peak, code = json.loads(used)
        return Done(cpu, peak, code, told)


def cheapest(name: str, count: int, folder: Path) -> Done:
    """Analyse a flood a few times: what else the machine does makes a run dearer, and never cheaper."""
    path = folder / "x.pcap"
    with path.open("wb") as out:
        assert _maker(name, str(count), out=out.fileno()).wait() == 0
    runs = [analyze(path) for _ in range(RUNS)]
    path.unlink()
    assert all(done.code == 0 for done in runs), runs[0].said
    return min(runs, key=lambda done: done.cpu)


def _maker(*words: str, out: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.hostile", *words], cwd=ROOT, stdout=out)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> float:
    """Processor seconds that a capture of nothing costs."""
    return cheapest("plain", 0, tmp_path_factory.mktemp("start")).cpu


@pytest.fixture(scope="module")
def plain_packet(start: float, tmp_path_factory: pytest.TempPathFactory) -> float:
    """Processor seconds of a packet of plain traffic."""
    return (cheapest("plain", PLAIN, tmp_path_factory.mktemp("plain")).cpu - start) / PLAIN


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_packet_costs_no_more_than_twenty_plain_ones(
    kind: str, start: float, plain_packet: float, tmp_path: Path
) -> None:
    count = JUDGED.get(kind, COUNT)
    half, whole = (cheapest(kind, packets, tmp_path) for packets in (count, 2 * count))
    packet = (whole.cpu - half.cpu) / count
    once = max(half.cpu - count * packet, 0) / start
    ratio = packet / plain_packet
    print(
        f"{kind}: {ratio:.1f} times a plain packet of {plain_packet * 1e9:.0f} ns; {whole.peak >> 20} MiB; {once:.0f}"
    )
    assert f"{2 * count:,} frames" in whole.said
    assert ratio < TIMES
    assert once < JUDGING
    assert whole.peak < MEMORY


def test_ten_million_sources_take_no_more_memory_than_one_million(start: float, plain_packet: float) -> None:
    few, many = (analyze(None, "sources", str(count)) for count in (FEW, MANY))
    ratio = (many.cpu - start) / MANY / plain_packet
    print(f"{MANY:,} sources: {ratio:.1f} times a plain packet; {few.peak >> 20} and {many.peak >> 20} MiB")
    assert (few.code, many.code) == (0, 0)
    assert many.peak < 1.1 * few.peak
    assert ratio < TIMES
    # Every one of them is counted, and those let go are named.
    assert f"{MANY:,} connections" in many.said
    let_go = re.search(r"([\d,]+) embryonic connections let go", many.said)
    assert let_go is not None, many.said
    assert int(let_go[1].replace(",", "")) >= MANY - TABLE


@pytest.mark.parametrize("name", MONSTERS)
def test_bombs_and_monsters_take_little_memory_and_end(name: str, start: float, tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    with path.open("wb") as out:
        assert _maker(name, out=out.fileno()).wait() == 0
    done = analyze(path)
    print(f"{name}: {done.cpu:.1f} s, {done.peak >> 20} MiB, exit code {done.code}")
    assert done.code in (0, 3), done.said
    assert "Traceback" not in done.said
    assert done.cpu - start < MONSTER_S
    assert done.peak < MEMORY
