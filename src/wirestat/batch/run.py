"""One run over many captures: skips those already done, and distributes the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path

import msgspec

from wirestat.batch import content, journal, store
from wirestat.batch.sources import Input
from wirestat.batch.task import Done, Item, Orders
from wirestat.batch.workers import Workers
from wirestat.errors import UsageError

_PART_BYTES = 64 << 20
_PART_ITEMS = 500
"""Maximum bytes of captures, and number of captures, whose rows are in one part of the tables: small captures are not
worth a file each, and the memory of a worker is limited."""
_LEAST_ITEMS = 16
"""Minimum captures of a part while parts become smaller: each part costs some hundredths of a second."""


class Job(msgspec.Struct, frozen=True):
    """The plan of a run."""

    groups: tuple[tuple[Input, ...], ...]
    """Captures, each of one file or of several that belong together."""
    orders: Orders
    jobs: int
    memory: int | None
    """Memory limit of a worker in bytes; ``None`` for no limit."""
    resume: bool
    scheduler: str | None = None
    """The address of Dask's scheduler; ``local`` for a cluster of its own; ``None`` for processes without Dask."""


class Run:
    """One run over many captures."""

    def __init__(self, plan: Job) -> None:
        """Open the folder of results.

        Raises:
            UsageError: it holds results already, and these are not to be resumed.
            OSError: it cannot be made or read.
        """
        self._plan = plan
        self._folder = Path(plan.orders.folder)
        if not plan.resume and self._folder.exists() and any(self._folder.iterdir()):
            raise UsageError(
                f"{self._folder} is not empty", hint="name another folder, or go on in it with --resume"
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        self._journal = journal.Journal(self._folder)
        store.sweep(self._folder, {part[0].number for part in self._journal.parts})
        self.skipped = 0
        """Captures done by an earlier run."""
        self._items = tuple(self._left())
        self.bytes = sum(item.size for item in self._items)
        """Bytes left to read."""

    @property
    def left(self) -> int:
        """Captures that were left to read at the beginning."""
        return len(self._items)

    @property
    def done(self) -> list[Done]:
        """The results of all captures, with those of earlier runs, in the order of their numbers."""
        last = {one.name: one.number for one in self._journal.done}
        # A capture that could not be read before has no rows: its new result replaces the old one.
        kept = (one for one in self._journal.done if one.key or last[one.name] == one.number)
        return sorted(kept, key=lambda one: one.number)

    def go(self, workers: Workers, progress: Callable[[tuple[Done, ...]], None]) -> None:
        """Process the remaining captures, and pass each part to ``progress`` as it is done; finished parts stay done.

        ``workers`` do it, unless the plan names a scheduler.

        Raises:
            OSError: results cannot be written.
            UsageError: there are no workers where they should be.
        """
        plan = self._plan
        try:
            for part in self._work(workers, list(_parts(self._items, plan.jobs))):
                self._journal.add(part)
                progress(part)
        finally:
            self._journal.close()

    def _work(self, workers: Workers, parts: list[tuple[Item, ...]]) -> Iterator[tuple[Done, ...]]:
        plan = self._plan
        if plan.scheduler is None:
            yield from workers.run(parts, plan.orders)
            return
        from wirestat.batch.cluster import Cluster

        with Cluster(plan.scheduler, plan.jobs, plan.memory) as cluster:
            cluster.check(self._folder)
            yield from cluster.run(parts, plan.orders)

    def _left(self) -> Iterator[Item]:
        """Yield the remaining captures, numbered; those that could not be read at all are tried again."""
        known = {one.key for one in self._journal.done if one.key}
        numbers = count(max((one.number for one in self._journal.done), default=0) + 1)
        for group in self._plan.groups:
            key = content.key_of_all(group) if known else None
            if key in known:
                self.skipped += 1
            else:
                yield Item(next(numbers), group, key)


def _parts(items: Iterable[Item], jobs: int) -> Iterator[tuple[Item, ...]]:
    """Group captures into parts, so that each worker gets some.

    Parts become smaller towards the end, so that workers finish at about the same time.
    """
    items = list(items)
    most = _PART_ITEMS if jobs == 1 else 0
    until = len(items)
    part: list[Item] = []
    size = 0
    for place, item in enumerate(items):
        if part and (len(part) >= most or size + item.size > _PART_BYTES):
            yield tuple(part)
            part, size = [], 0
        left = len(items) - place
        if jobs > 1 and not part and left <= until:
            # One part for each worker takes most of the rest; then parts become smaller.
            most = min(_PART_ITEMS, max(_LEAST_ITEMS, -(-left * 3 // (jobs * 4))))
            until = left - jobs * most
        part.append(item)
        size += item.size
    if part:
        yield tuple(part)
