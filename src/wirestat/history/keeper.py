"""The folder of intervals while it is written: each is there whole or not at all, and the oldest give way."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from wirestat.errors import PermissionDenied, UsageError
from wirestat.history.intervals import Interval, intervals, name
from wirestat.history.spans import LAYOUT, Spans, table
from wirestat.model import Event
from wirestat.replacing import replacing

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.tables import Layout, Table

_MOST = 500_000
"""Spans that wait in memory; where more come, the interval ends early."""


class Keeping(msgspec.Struct, frozen=True):
    """Where intervals go, how long each is, and which are kept."""

    folder: Path
    every_ns: int
    keep_ns: int | None = None
    """Intervals that ended longer ago are removed; ``None``: none is for its age."""
    keep_bytes: int | None = None
    """Of more than so many bytes, the oldest are removed; ``None``: none is for its size."""


class Keeper:
    """Writes what a capture sees, interval by interval."""

    def __init__(self, keeping: Keeping, now_ns: int) -> None:
        """Begin the first interval; nothing is written yet."""
        self._keeping = keeping
        self._spans = Spans(now_ns)
        self._start_ns = now_ns
        self.folder = keeping.folder
        self.lost = 0
        """Spans that were given up, as they could not be written for too long."""

    def rehearse(self) -> None:
        """Load what writing takes: nothing can be loaded once the sandbox is shut.

        Raises:
            Unavailable: the library that writes Parquet is not installed.
        """
        from wirestat.report import judgements

        self._write(io.BytesIO(), LAYOUT, table([]))
        _ = judgements.FINDINGS

    def begin(self) -> Path:
        """Make the folder, as whoever we are by now, and return it.

        Raises:
            PermissionDenied: it may not be made, or not be written in.
            UsageError: it cannot be.
        """
        folder = self._keeping.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ".try").touch()
            (folder / ".try").unlink()
        except PermissionError:
            raise PermissionDenied(str(folder)) from None
        except OSError as error:
            raise UsageError(f"cannot write in {folder}: {(error.strerror or str(error)).lower()}") from None
        for left in folder.glob(".*.part"):
            left.unlink(missing_ok=True)
        return folder

    def take(self, event: Event) -> None:
        """Take in something that happened."""
        self._spans.take(event)

    def is_due(self, now_ns: int) -> bool:
        """Whether the interval is over."""
        return now_ns - self._start_ns >= self._keeping.every_ns or len(self._spans.over) >= _MOST

    def write(self, now_ns: int, report: Callable[[], Report]) -> None:
        """End the interval: write it, and remove what is not kept any more.

        Raises:
            OSError: it cannot be written; its spans wait for the next try.
        """
        if now_ns <= self._start_ns:
            return
        from wirestat.report import judgements

        over = self._spans.over
        spans = self._spans.close()
        try:
            self._file("spans", now_ns, LAYOUT, table(spans))
            self._file("findings", now_ns, judgements.FINDINGS, judgements.findings(report()))
        except OSError:
            if len(over) < _MOST:
                self._spans.over = over
            else:
                self.lost += len(over)
            raise
        self._start_ns = now_ns
        self._forget(now_ns)

    def _file(self, kind: str, now_ns: int, layout: Layout, rows: Table) -> None:
        place = self._keeping.folder / name(kind, self._start_ns, now_ns)
        with replacing(place) as part, part.open("wb") as stream:
            self._write(stream, layout, rows)

    def _write(self, stream: BinaryIO, layout: Layout, rows: Table) -> None:
        from wirestat.export import load

        load("parquet").write(layout, iter([rows]), stream)

    def _forget(self, now_ns: int) -> None:
        kept = list(intervals(self._keeping.folder))
        sizes = {one.path: sum(path.stat().st_size for path in _files(one)) for one in kept}
        total = sum(sizes.values())
        for one in kept[:-1]:
            is_old = self._keeping.keep_ns is not None and now_ns - one.end_ns > self._keeping.keep_ns
            is_much = self._keeping.keep_bytes is not None and total > self._keeping.keep_bytes
            if is_old or is_much:
                total -= sizes[one.path]
                for path in _files(one):
                    path.unlink(missing_ok=True)


def _files(interval: Interval) -> list[Path]:
    both = (interval.path, interval.path.with_name(interval.path.name.replace("spans", "findings", 1)))
    return [path for path in both if path.exists()]
