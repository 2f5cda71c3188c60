"""Processes that are started early, and die before there is work."""

import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

import pytest

from tests.batch.captures import CAPTURE, PCAPS
from wirestat.batch import task
from wirestat.batch.process import ready
from wirestat.batch.run import _parts
from wirestat.batch.sources import Input
from wirestat.batch.task import Done, Item, Orders
from wirestat.batch.workers import Workers


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    return Orders(str(tmp_path), "linux", None, by_day=False, pages=False, threads=1)


def items(*sizes: int) -> list[Item]:
    name = str(PCAPS / CAPTURE)
    return [Item(number, (Input(name, name, None, size),)) for number, size in enumerate(sizes, 1)]


def wait_until_broken(pool: ProcessPoolExecutor) -> None:
    """Wait until a pool has noticed that its processes died."""
    with suppress(BrokenProcessPool):
        while True:
            pool.submit(ready).result()


def test_workers_that_died_before_they_had_work_are_replaced(orders: Orders) -> None:
    parts = [(item,) for item in items(1, 1, 1, 1, 1)]
    with Workers(2, None) as workers:
        workers.start()
        started = workers._started
        assert started is not None
        _, pool = started
        for process in multiprocessing.active_children():
            process.kill()
        wait_until_broken(pool)
        done = [one for part in workers.run(parts, orders) for one in part]
    assert sorted(one.number for one in done) == [1, 2, 3, 4, 5]
    assert {one.code for one in done} == {0}
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_the_main_process_takes_its_share_of_small_captures(orders: Orders) -> None:
    """Of two workers one is this process: there is one other process, and both get work."""
    parts = [(item,) for item in items(*[1] * 40)]
    seen: set[int] = set()
    with Workers(2, None) as workers:
        workers.start()
        found: list[Done] = []
        for part in workers.run(parts, orders):
            found += part
            seen |= {process.pid or 0 for process in multiprocessing.active_children()}
    assert sorted(one.number for one in found) == list(range(1, 41))
    assert len(seen) == 1


def test_a_part_that_is_large_is_left_to_the_workers(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("this process shall not work")

    monkeypatch.setattr(task, "_one", refuse)  # of this process alone
    parts = [(item,) for item in items(1, 65 << 20, 1)]
    with Workers(2, None) as workers:
        workers.start()
        done = [one for part in workers.run(parts, orders) for one in part]
    assert sorted(one.number for one in done) == [1, 2, 3]
    assert {one.code for one in done} == {0}


@pytest.mark.slow
def test_a_worker_that_is_killed_beside_this_process_changes_nothing(orders: Orders) -> None:
    parts = [(item,) for item in items(*[1] * 60)]
    with Workers(2, None) as workers:
        workers.start()
        found: list[Done] = []
        for number, part in enumerate(workers.run(parts, orders)):
            found += part
            if number in (3, 20):
                for process in multiprocessing.active_children():
                    process.kill()
    assert sorted(one.number for one in found) == list(range(1, 61))
    assert {one.code for one in found} == {0}


def test_workers_end_with_a_process_that_is_killed() -> None:
    """The workers hold the standard output of that process too: it ends only when the last worker has ended."""
    script = (
        "import multiprocessing, sys; from wirestat.batch.workers import Workers\n"
        "with Workers(3, None) as workers:\n"
        "    workers.start()\n"
        "    print(len(multiprocessing.active_children()), flush=True)\n"
        "    sys.stdin.read()"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "2\n"
    started.kill()
    assert not started.communicate(timeout=120)[0]


def test_workers_that_are_not_needed_end(orders: Orders) -> None:
    with Workers(2, None) as workers:
        workers.start()
        workers.jobs = 1
        (done,) = workers.run([tuple(items(1))], orders)
    assert [one.code for one in done] == [0]
    assert isinstance(done[0], Done)
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("jobs", [1, 2, 3, 8, 64])
@pytest.mark.parametrize("count", [1, 2, 7, 100, 1000, 2500])
def test_parts_hold_each_capture_once_and_become_smaller(jobs: int, count: int) -> None:
    every = items(*[1] * count)
    parts = list(_parts(every, jobs))
    assert [item for part in parts for item in part] == every
    lengths = list(map(len, parts))
    assert sorted(lengths, reverse=True) == lengths
    assert max(lengths) <= 500
    if jobs > 1 and count > 16 * jobs:
        assert len(parts) > jobs
        assert min(lengths) <= 16 + count // (8 * jobs)


def test_large_captures_are_parts_of_their_own() -> None:
    every = items(*[40 << 20] * 5)
    assert [len(part) for part in _parts(every, 1)] == [1] * 5
