"""Distributes parts of the work to a pool of processes, and collects results and the parts of dead workers."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from wirestat.batch.task import Done, Item, Orders

GONE = (BrokenProcessPool, MemoryError)
"""The exceptions of a worker without memory: Python raises one, and the core ends the process."""

Part: TypeAlias = "tuple[Item, ...]"


class Sharing:
    """Waiting, running and finished parts."""

    def __init__(
        self, parts: Iterable[Part], orders: Orders, pool_of: Callable[[], ProcessPoolExecutor], most: int
    ) -> None:
        """Hand out nothing yet.

        Args:
            parts: captures that one worker takes together.
            orders: how they are read, and where the results go.
            pool_of: gives a pool, and another one when that is broken.
            most: parts that are under way or wait in the pool at a time.
        """
        self._waiting = iter(parts)
        self._orders = orders
        self._pool_of = pool_of
        self._pool = pool_of()
        self._most = most
        self._under_way: dict[Future[tuple[Done, ...]], Part] = {}
        self.done: deque[tuple[Done, ...]] = deque()
        """Results not yet fetched."""
        self.left: list[Part] = []
        """Parts lost with a dead worker."""

    @property
    def has_under_way(self) -> bool:
        """Whether the pool has work."""
        return bool(self._under_way)

    def take(self) -> Part | None:
        """Take a waiting part, for the caller to do; ``None`` if there is none."""
        return next(self._waiting, None)

    def hand_out(self) -> None:
        """Give the pool as much work as it may have."""
        from wirestat.batch.task import work

        while len(self._under_way) < self._most and (part := self.take()) is not None:
            try:
                self._under_way[self._pool.submit(work, part, self._orders)] = part
            except BrokenProcessPool:
                # An idle worker died. The running parts of others come back when they are collected.
                self._waiting = chain([part], self._waiting)
                if self._under_way:
                    return
                self._renew()

    def look(self) -> None:
        """Collect finished parts, and distribute more."""
        if any(future.done() for future in self._under_way):
            self.collect()
            self.hand_out()

    def collect(self) -> None:
        """Wait until a part is finished, and collect all that are.

        Raises:
            OSError: results could not be written.
        """
        finished, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
        is_broken = False
        for future in finished:
            part = self._under_way.pop(future)
            try:
                self.done.append(future.result())
            except GONE:
                self.left.append(part)
                is_broken = True
        if is_broken:
            self.left.extend(self._under_way.values())
            self._under_way.clear()
            self._renew()

    def _renew(self) -> None:
        end(self._pool)
        self._pool = self._pool_of()

    def close(self) -> None:
        """End the pool."""
        end(self._pool)


def end(pool: ProcessPoolExecutor) -> None:
    """Kill the workers of a pool: their running parts are not in the journal, and their files are removed."""
    for process in multiprocessing.active_children():
        process.terminate()
    pool.shutdown(cancel_futures=True)
