"""Dask workers, on this machine or others: they get captures, and large ones in pieces.

Dask repeats the tasks of a dead worker on another one, so all tasks are idempotent. A capture that kills several
workers in turn is given up and listed.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from wirestat.batch import remote
from wirestat.batch.cuts import Cut, cuts
from wirestat.batch.reading import stream_of
from wirestat.batch.sources import Input
from wirestat.batch.spread import SpreadCapture
from wirestat.batch.task import Done, Item, Orders, killed, work
from wirestat.errors import InputError, Unavailable, UsageError
from wirestat.version import __version__

try:
    import distributed
except ImportError:
    raise Unavailable.by_extra("Dask", "dask") from None

LOCAL = "local"
"""The address that stands for local workers."""
PIECE_BYTES = 256 << 20
"""The size of pieces in bytes: some seconds of work, so that a dead worker loses little."""
_AHEAD = 2
"""Parts handed out for each worker: one under way and one that waits."""
_SECONDS = 30
"""How long an address may take to answer."""

Part = tuple[Item, ...]


class Cluster:
    """Workers; use it in a ``with``."""

    def __init__(self, address: str, jobs: int, memory: int | None) -> None:
        """Find workers, or start ``jobs`` of them that hold up to ``memory`` bytes each.

        Raises:
            UsageError: there are none at that address.
        """
        self._own: Any = None
        if address == LOCAL:
            self._own = distributed.LocalCluster(
                n_workers=jobs, threads_per_worker=1, memory_limit=memory or "auto", dashboard_address=":0",
                silence_logs=50,
            )  # fmt: skip
        try:
            self._client = distributed.Client(self._own or address, timeout=_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(f"no scheduler answers at {address}: {error}") from None

    def __enter__(self) -> Cluster:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect; local workers end."""
        self._client.close()
        if self._own is not None:
            self._own.close()

    @property
    def workers(self) -> int:
        """How many there are."""
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def check(self, folder: Path) -> None:
        """Make sure that all workers can do what they are asked for.

        Raises:
            UsageError: there are none, one runs another version, or does not see the folder of results.
        """
        token = folder / f".{secrets.token_hex(8)}"
        token.touch()
        try:
            answers: dict[str, str] = self._client.run(_look, os.fspath(token.absolute()))
        finally:
            token.unlink()
        if not answers:
            raise UsageError("the scheduler has no workers")
        for worker, answer in answers.items():
            if answer != __version__:
                raise UsageError(
                    f"worker {worker}: {answer}", hint="all workers need the same wirestat and see the folder"
                )

    def submit(self, do: Callable[..., Any], /, *arguments: Any) -> Any:
        """Submit a task; the returned future may be an argument of other tasks."""
        return self._client.submit(do, *arguments, pure=False)

    def results(self, handles: Sequence[Any]) -> list[Any]:
        """Wait for results; raises the tasks' exceptions."""
        found: list[Any] = self._client.gather(list(handles))
        return found

    def run(self, parts: Sequence[Part], orders: Orders) -> Iterator[tuple[Done, ...]]:
        """Yield the result of each part as it is done; a part of one large capture is done in pieces.

        Raises:
            OSError: results cannot be written.
        """
        parts = [
            tuple(replace(item, sources=tuple(map(_findable, item.sources))) for item in part)
            for part in parts
        ]
        small: list[Part] = []
        large: list[tuple[Item, list[Cut]]] = []
        for part in parts:
            pieces = _pieces(part[0]) if len(part) == 1 else []
            if len(pieces) > 1:
                large.append((part[0], pieces))
            else:
                small.append(part)
        yield from self._small(small, orders)
        for item, pieces in large:
            yield (self._large(item, pieces, orders),)

    def _small(self, parts: Sequence[Part], orders: Orders) -> Iterator[tuple[Done, ...]]:
        """Hand out parts, never many at a time: a scheduler keeps a record of each."""
        waiting = iter(parts)
        under_way = distributed.as_completed(loop=self._client.loop)
        of: dict[Any, Part] = {}
        ahead = _AHEAD * max(1, self.workers)

        def hand_out() -> None:
            while len(of) < ahead and (part := next(waiting, None)) is not None:
                future = self.submit(work, part, orders)
                of[future] = part
                under_way.add(future)

        hand_out()
        while of:
            future = next(under_way)
            part = of.pop(future)
            try:
                yield future.result()
            except distributed.KilledWorker:
                # Only one of these captures is at fault.
                for item in part:
                    yield (self._alone(item, orders),) if len(part) > 1 else (killed(item),)
            hand_out()

    def _alone(self, item: Item, orders: Orders) -> Done:
        try:
            (done,) = self.submit(work, (item,), orders).result()
        except distributed.KilledWorker:
            return killed(item)
        found: Done = done
        return found

    def _large(self, item: Item, pieces: Sequence[Cut], orders: Orders) -> Done:
        try:
            done = SpreadCapture(item, orders, self, self.workers).run(pieces)
        except distributed.KilledWorker:
            return killed(item)
        return self._alone(item, orders) if done is None else done


def _look(token: str) -> str:
    """Return the version of a worker that sees a file; otherwise say that it does not see the folder."""
    return __version__ if Path(token).exists() else f"it does not see {Path(token).parent}"


def _findable(source: Input) -> Input:
    """Return a source whose path does not depend on where a process runs; its name stays."""
    is_address = source.member is None and remote.is_remote(source.path)
    return source if is_address else replace(source, path=os.fspath(Path(source.path).absolute()))


def _pieces(item: Item) -> list[Cut]:
    """Return the pieces that a capture is read in: each of its files, and large ones cut."""
    return [cut for source in item.sources for cut in _cuts(source)]


def _cuts(source: Input) -> list[Cut]:
    if source.member is not None or source.size < 2 * PIECE_BYTES:
        return [Cut(source)]
    try:
        with stream_of(source) as stream:
            return cuts(source, stream, PIECE_BYTES)
    except (OSError, InputError):
        return [Cut(source)]  # reading it will report the error
