"""The work of a worker: to track some captures, judge them, and write one part of each table."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING

import msgspec

from wirestat.batch import content, members, store
from wirestat.batch.reading import readable
from wirestat.batch.sources import Input
from wirestat.errors import InputError, PermissionDenied, WirestatError

if TYPE_CHECKING:
    from wirestat.report.build import Report


class Item(msgspec.Struct, frozen=True):
    """One capture to report on, of one file or of several that belong together."""

    number: int
    """The value of the column ``file`` in its rows of all tables."""
    sources: tuple[Input, ...]
    key: str | None = None
    """By what it is known again, where that has been asked already."""

    @property
    def name(self) -> str:
        """Its name: the first file, and how many more."""
        more = len(self.sources) - 1
        return self.sources[0].name + (f" and {more} more" if more else "")

    @property
    def size(self) -> int:
        """Bytes to read."""
        return sum(source.size for source in self.sources)


class Orders(msgspec.Struct, frozen=True):
    """How captures are read and where results go; the same for all workers."""

    folder: str
    timers: str
    max_connections: int | None
    by_day: bool
    pages: bool
    threads: int | None = None
    """Threads that track one capture; ``None``: as many as ``wirestat.analyze`` takes."""


class FindingRow(msgspec.Struct, frozen=True):
    """A finding of one capture, for the summary across all."""

    id: str
    title: str
    severity: str
    confidence: str
    fault: str
    connections: int


class Done(msgspec.Struct, frozen=True):
    """The result of one capture: a row of the table ``files``, and the figures for the summary."""

    number: int
    key: str | None
    """By what it is known again; ``None`` where it could not be read."""
    name: str
    code: int
    """The exit code that ``wirestat analyze`` would have had."""
    reason: str | None
    """Why it could not be read, or not to its end."""
    files: int = 1
    bytes: int = 0
    frames: int = 0
    connections: int = 0
    transitions: int = 0
    first_time_ns: int | None = None
    last_time_ns: int | None = None
    cpu_ns: int = 0
    """Processor time that it took."""
    findings: tuple[FindingRow, ...] = ()


_INPUT, _PERMISSION, _KILLED = 3, 4, 137
_LARGE = 16_000_000
"""Bytes of captures whose tables are worth looking for: looking takes some 20 ms."""


def work(
    items: tuple[Item, ...], orders: Orders, between: Callable[[], None] | None = None
) -> tuple[Done, ...]:
    """Read captures one after the other; their rows are on the disk, whole, when this returns.

    ``between`` is called after each of them.

    Raises:
        OSError: the results cannot be written.
    """
    done = []
    with store.part(orders.folder, items[0].number, by_day=orders.by_day) as part:
        for item in items:
            done.append(_one(item, orders, part))
            if between is not None:
                between()
    if sum(item.size for item in items) > _LARGE:
        # Reports refer to themselves: Python would keep the tables of several captures before it looks for such.
        gc.collect()
    return tuple(done)


def _one(item: Item, orders: Orders, part: store.Part) -> Done:
    import wirestat

    began = time.process_time_ns()
    key = item.key or content.key_of_all(item.sources)
    paths: list[tuple[str, members.Pipe | None]] = []
    with ExitStack() as pipes:
        try:
            paths += (pipes.enter_context(readable(source)) for source in item.sources)
            report = wirestat.analyze(
                *(path for path, _ in paths),
                timers=orders.timers,
                max_connections=orders.max_connections,
                jobs=orders.threads,
            )
        except (WirestatError, *members.BROKEN, KeyError) as error:
            return failed(item, key, error, *_failures(paths))
        reasons = _failures(paths)
    part.add(item.number, report)
    if orders.pages:
        store.page(orders.folder, item.number, report)
    return told(item, key, report, reasons, time.process_time_ns() - began)


def _failures(paths: Iterable[tuple[str, members.Pipe | None]]) -> list[str]:
    """Return why archives ended early; whoever reads from them sees the end, and no reason."""
    return [pipe.failure for _, pipe in paths if pipe is not None and pipe.failure]


def failed(item: Item, key: str | None, error: BaseException, *why: str) -> Done:
    """Say that a capture could not be read at all: ``why``, or for what the error says."""
    said = error.reason if isinstance(error, InputError) else str(error) or type(error).__name__
    code = _PERMISSION if isinstance(error, PermissionDenied) else _INPUT
    reason = "; ".join(why) or said
    return Done(item.number, key, item.name, code, reason, len(item.sources), item.size)


def killed(item: Item) -> Done:
    """Say that a capture has ended its worker whenever it was tried."""
    reason = "it ended its worker twice: out of memory, most likely (--memory)"
    return Done(item.number, None, item.name, _KILLED, reason, len(item.sources), item.size)


def told(item: Item, key: str | None, report: Report, reasons: list[str], cpu_ns: int) -> Done:
    """Say what became of a capture; ``reasons`` are why it could not be read to its end."""
    summary = report.summary
    reasons += [capture.error for capture in report.captures if capture.error]
    blind = bool(report.captures) and all(capture.tells_nothing for capture in report.captures)
    if blind:
        reasons.append("no frame of a link type that can be decoded")
    return Done(
        item.number,
        key,
        item.name,
        _INPUT if reasons else 0,
        "; ".join(reasons) or None,
        len(item.sources),
        item.size,
        sum(capture.frames for capture in report.captures),
        summary.connections,
        sum(row.count for row in summary.transitions),
        summary.first_time_ns,
        summary.last_time_ns,
        cpu_ns,
        tuple(
            FindingRow(one.id, one.title, str(one.severity), str(one.confidence), str(one.fault), one.count)
            for one in report.findings
        ),
    )
