"""The work of a worker: tracks some captures, diagnoses them, and writes one part of each table."""

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
    """The value of the column ``file`` in its rows in all tables."""
    sources: tuple[Input, ...]
    key: str | None = None
    """Its fingerprint, if already computed."""

    @property
    def name(self) -> str:
        """Its name: the first file, and the number of others."""
        more = len(self.sources) - 1
        return self.sources[0].name + (f" and {more} more" if more else "")

    @property
    def size(self) -> int:
        """Bytes to read."""
        return sum(source.size for source in self.sources)


class Orders(msgspec.Struct, frozen=True):
    """The reading of captures and the place of results; the same for all workers."""

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
    """Its fingerprint; ``None`` if it could not be read."""
    name: str
    code: int
    """The exit code that ``wirestat analyze`` would have had."""
    reason: str | None
    """The reason why it could not be read, or not to its end."""
    files: int = 1
    bytes: int = 0
    frames: int = 0
    connections: int = 0
    transitions: int = 0
    first_time_ns: int | None = None
    last_time_ns: int | None = None
    cpu_ns: int = 0
    """Its processor time."""
    findings: tuple[FindingRow, ...] = ()


_INPUT, _PERMISSION, _KILLED = 3, 4, 137
_LARGE = 16_000_000
"""Bytes of captures after which collecting garbage pays: it takes some 20 ms."""


def work(
    items: tuple[Item, ...], orders: Orders, between: Callable[[], None] | None = None
) -> tuple[Done, ...]:
    """Read captures one after the other; their rows are completely on disk when this returns.

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
        # Reports contain reference cycles: Python would keep the tables of several captures before it collects them.
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
    """Return the reasons why archives ended early; their readers see only the end."""
    return [pipe.failure for _, pipe in paths if pipe is not None and pipe.failure]


def failed(item: Item, key: str | None, error: BaseException, *why: str) -> Done:
    """Return the result of a capture that could not be read at all: because of ``why``, or of the error."""
    said = error.reason if isinstance(error, InputError) else str(error) or type(error).__name__
    code = _PERMISSION if isinstance(error, PermissionDenied) else _INPUT
    reason = "; ".join(why) or said
    return Done(item.number, key, item.name, code, reason, len(item.sources), item.size)


def killed(item: Item) -> Done:
    """Return the result of a capture that ended its worker on every try."""
    reason = "it ended its worker twice: out of memory, most likely (--memory)"
    return Done(item.number, None, item.name, _KILLED, reason, len(item.sources), item.size)


def told(item: Item, key: str | None, report: Report, reasons: list[str], cpu_ns: int) -> Done:
    """Return the result of a capture; ``reasons`` are why it could not be read to its end."""
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
