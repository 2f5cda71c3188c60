"""Processes that work in parallel, each with a memory limit; the work of one that dies is tried again.

A worker that dies takes all that is under way with it, as the pool cannot tell who was at fault. So those captures
are tried once more one by one, and the capture that ends a worker again is given up, by name.

Of small captures, the process that hands out the work does its share as well: to start another costs as much as to
read a hundred of them.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from wirestat.batch.process import bounded, ready
from wirestat.batch.sharing import GONE, Part, Sharing, end

if TYPE_CHECKING:
    from wirestat.batch.task import Done, Item, Orders

_AHEAD = 2
"""Parts per worker in the pool: one running and one waiting."""

_EARLY = 4
"""Processes that are started before the amount of work is known."""

_SMALL = 64 << 20
"""The main process itself takes parts up to this many bytes: it looks after its workers after each capture."""


class Workers:
    """Up to ``jobs`` processes at a time; use it in a ``with``, which ends them."""

    def __init__(self, jobs: int, memory: int | None) -> None:
        """Start none yet.

        Args:
            jobs: workers at a time.
            memory: bytes that each may hold; ``None`` for no bound.
        """
        self.jobs = jobs
        self._memory = memory
        self._started: tuple[int, ProcessPoolExecutor] | None = None

    def start(self) -> None:
        """Start some: they load modules while the captures are still being looked for."""
        processes = max(1, self.jobs - 1) if self._memory is None else self.jobs
        pool = _pool(processes, self._memory)
        self._started = processes, pool
        for _ in range(min(processes, _EARLY)):
            pool.submit(ready)

    def __enter__(self) -> Workers:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End those that were started but never used."""
        if self._started is not None:
            end(self._started[1])

    def run(self, parts: Sequence[Part], orders: Orders) -> Iterator[tuple[Done, ...]]:
        """Yield the result of each part, as it is done.

        Args:
            parts: captures that one worker takes together.
            orders: how they are read, and where the results go.

        Raises:
            OSError: results cannot be written.
        """
        from wirestat.batch import members
        from wirestat.batch.task import work

        try:
            if self.jobs == 1 and self._memory is None:
                for part in parts:
                    yield work(part, orders)
            else:
                yield from self._shared(parts, orders)
        finally:
            members.close()

    def _shared(self, parts: Sequence[Part], orders: Orders) -> Iterator[tuple[Done, ...]]:
        from wirestat.batch.task import work

        takes_part = self._memory is None and all(map(_is_small, parts))
        processes = self.jobs - 1 if takes_part else self.jobs
        ahead = processes if takes_part else processes * _AHEAD
        sharing = Sharing(parts, orders, partial(self._fresh, processes), ahead)
        try:
            sharing.hand_out()
            while True:
                if takes_part and (part := sharing.take()) is not None:
                    yield work(part, orders, sharing.look)
                elif sharing.has_under_way:
                    sharing.collect()
                    sharing.hand_out()
                else:
                    break
                while sharing.done:
                    yield sharing.done.popleft()
        finally:
            sharing.close()
        for part in sharing.left:
            for item in part:
                yield _alone(item, orders, self._memory)

    def _fresh(self, processes: int) -> ProcessPoolExecutor:
        """Return the started ones if they are as many, and new ones once those are used up."""
        started, self._started = self._started, None
        if started is not None:
            if started[0] == processes:
                return started[1]
            end(started[1])
        return _pool(processes, self._memory)


def _is_small(part: Part) -> bool:
    return sum(item.size for item in part) <= _SMALL


def _pool(processes: int, memory: int | None) -> ProcessPoolExecutor:
    # Not forked: the core has threads, and a fork would inherit only their locks.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(processes, mp_context=context, initializer=bounded, initargs=(memory,))


def _alone(item: Item, orders: Orders, memory: int | None) -> tuple[Done, ...]:
    from wirestat.batch.task import killed, work

    with _pool(1, memory) as pool:
        try:
            return pool.submit(work, (item,), orders).result()
        except GONE:
            return (killed(item),)
