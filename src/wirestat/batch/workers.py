"""Processes that work in parallel, each with a bound on its memory; what a dying one leaves is tried again.

A worker that dies takes all that is under way with it, as the pool cannot tell who was at fault. So those captures
are tried once more one by one, and the capture that ends a worker again is given up, by name.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from wirestat.batch.process import bounded, ready

if TYPE_CHECKING:
    from wirestat.batch.task import Done, Item, Orders

_AHEAD = 2
"""Parts handed out for each worker: one under way and one that waits."""

_GONE = (BrokenProcessPool, MemoryError)
"""The exceptions of a worker that lacks memory: Python raises one, the core ends the process."""

_EARLY = 4
"""Processes that are started before it is known how much there is to do."""

Part: TypeAlias = "tuple[Item, ...]"


class Workers:
    """Up to so many processes at a time; use it in a ``with``, whose end is theirs."""

    def __init__(self, jobs: int, memory: int | None) -> None:
        """Start none yet.

        Args:
            jobs: workers at a time.
            memory: bytes that each may hold; ``None`` for no bound.
        """
        self.jobs = jobs
        self._memory = memory
        self._started: ProcessPoolExecutor | None = None

    def start(self) -> None:
        """Start some: they load what work takes while the captures are still being looked for."""
        self._started = _pool(self.jobs, self._memory)
        for _ in range(min(self.jobs, _EARLY)):
            self._started.submit(ready)

    def __enter__(self) -> Workers:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End those that were started and never used."""
        if self._started is not None:
            _end(self._started)

    def run(self, parts: Iterable[Part], orders: Orders) -> Iterator[tuple[Done, ...]]:
        """Yield what became of each part, as it is done.

        Args:
            parts: captures that one worker takes together.
            orders: how they are read, and where the results go.

        Raises:
            OSError: results cannot be written.
        """
        from wirestat.batch import members
        from wirestat.batch.task import work

        if self.jobs == 1 and self._memory is None:
            try:
                for part in parts:
                    yield work(part, orders)
            finally:
                members.close()
            return
        left: deque[Part] = deque()
        yield from _shared(parts, self._fresh, orders, self.jobs, left)
        for part in left:
            for item in part:
                yield _alone(item, orders, partial(_pool, 1, self._memory))

    def _fresh(self) -> ProcessPoolExecutor:
        """Return those that were started, and new ones when they are used up."""
        pool, self._started = self._started, None
        return pool or _pool(self.jobs, self._memory)


def _pool(jobs: int, memory: int | None) -> ProcessPoolExecutor:
    # Not forked: the core keeps threads, of which a fork would hold only the locks.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=bounded, initargs=(memory,))


def _shared(
    parts: Iterable[Part],
    pool_of: Callable[[], ProcessPoolExecutor],
    orders: Orders,
    jobs: int,
    left: deque[Part],
) -> Iterator[tuple[Done, ...]]:
    """Hand parts out to a pool; those that a dying worker took with it are put in ``left``."""
    from wirestat.batch.task import work

    waiting = iter(parts)
    pool = pool_of()
    under_way: dict[Future[tuple[Done, ...]], Part] = {}
    try:
        while True:
            while len(under_way) < jobs * _AHEAD and (part := next(waiting, None)) is not None:
                try:
                    under_way[pool.submit(work, part, orders)] = part
                except BrokenProcessPool:
                    # A worker died that had nothing to do. What others had under way comes back below.
                    waiting = chain([part], waiting)
                    if under_way:
                        break
                    _end(pool)
                    pool = pool_of()
            if not under_way:
                return
            finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
            is_broken = False
            for future in finished:
                part = under_way.pop(future)
                try:
                    yield future.result()
                except _GONE:
                    left.append(part)
                    is_broken = True
            if is_broken:
                left.extend(under_way.values())
                under_way.clear()
                _end(pool)
                pool = pool_of()
    finally:
        _end(pool)


def _end(pool: ProcessPoolExecutor) -> None:
    """End the workers of a pool at once: what they have under way is not in the journal, and is swept away."""
    for process in multiprocessing.active_children():
        process.terminate()
    pool.shutdown(cancel_futures=True)


def _alone(item: Item, orders: Orders, pool_of: Callable[[], ProcessPoolExecutor]) -> tuple[Done, ...]:
    from wirestat.batch.task import killed, work

    with pool_of() as pool:
        try:
            return pool.submit(work, (item,), orders).result()
        except _GONE:
            return (killed(item),)
