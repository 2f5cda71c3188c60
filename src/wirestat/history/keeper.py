"""Writes the folder of intervals: each appears completely or not at all, and the oldest are deleted."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from wirestat.errors import PermissionDenied, UsageError
from wirestat.history.figures import LAYOUT as FIGURES, Figures
from wirestat.history.intervals import files, name
from wirestat.history.spans import LAYOUT, Spans, table
from wirestat.model import Event
from wirestat.replacing import replacing
from wirestat.words import some

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.tables import Layout, Table
    from wirestat.tracker import Tracker

_MOST = 500_000
"""Maximum spans in memory; beyond that the interval ends early."""


class Keeping(msgspec.Struct, frozen=True):
    """Where intervals go, how long each is, and which are kept."""

    folder: Path
    every_ns: int
    keep_ns: int | None = None
    """The maximum age of intervals; ``None`` for no limit."""
    keep_bytes: int | None = None
    """The maximum size of all intervals, in bytes; ``None`` for no limit."""


class Keeper:
    """Records a capture, interval by interval."""

    def __init__(self, keeping: Keeping, now_ns: int, tracker: Tracker) -> None:
        """Begin the first interval of a tracker; nothing is written yet."""
        self._keeping = keeping
        self._spans = Spans(now_ns)
        self._figures = Figures(tracker, now_ns)
        self._start_ns = now_ns
        self.folder = keeping.folder
        self.lost = 0
        """Spans dropped because they could not be written for too long."""
        self._told = (0, 0)

    def rehearse(self, report: Report) -> None:
        """Load what writing takes: nothing can be loaded once the sandbox is shut.

        Raises:
            Unavailable: the library that writes Parquet is not installed.
        """
        from wirestat.report import judgements

        self._write(io.BytesIO(), LAYOUT, [table([])])
        self._write(io.BytesIO(), FIGURES, self._figures.batches(report, ()))
        _ = judgements.FINDINGS

    def begin(self) -> Path:
        """Create the folder as the current user, and return it.

        Raises:
            PermissionDenied: it may not be made, or not be written in.
            UsageError: it cannot be.
        """
        folder = self._keeping.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            trial = folder / ".try"
            trial.unlink(missing_ok=True)  # that of a killed run, or a link which would be followed
            trial.touch(exist_ok=False)
            trial.unlink()
        except PermissionError:
            raise PermissionDenied(str(folder)) from None
        except OSError as error:
            raise UsageError(f"cannot write in {folder}: {(error.strerror or str(error)).lower()}") from None
        for left in folder.glob(".*.part"):
            left.unlink(missing_ok=True)
        return folder

    def take(self, event: Event) -> None:
        """Take an event."""
        self._spans.take(event)

    def look(self) -> None:
        """Record the figures of connections that have left the tracker: call it often."""
        self._figures.gather()

    def losses(self) -> str:
        """Describe what was dropped since the last call; empty if nothing was."""
        now = self.lost, self._figures.lost
        spans, figures = (count - before for count, before in zip(now, self._told, strict=True))
        self._told = now
        parts = [some(spans, "span")] * bool(spans) + [f"figures of {some(figures, 'connection')}"] * bool(
            figures
        )
        return " and ".join(parts)

    def is_due(self, now_ns: int) -> bool:
        """Whether the interval is over."""
        is_much = len(self._spans.over) >= _MOST or self._figures.is_much
        return is_much or now_ns - self._start_ns >= self._keeping.every_ns

    def write(self, now_ns: int, report: Callable[[], Report]) -> None:
        """End the interval: write it, and delete expired ones.

        Raises:
            OSError: it cannot be written; its spans wait for the next try.
        """
        if now_ns <= self._start_ns:
            return
        from wirestat.report import judgements

        over = self._spans.over
        spans = self._spans.close()
        try:
            whole = report()
            self._file("findings", now_ns, judgements.FINDINGS, [judgements.findings(whole)])
            ids = frozenset(span.id for span in spans)
            self._file("figures", now_ns, FIGURES, self._figures.batches(whole, ids))
            # An interval counts as written once its spans are.
            self._file("spans", now_ns, LAYOUT, [table(spans)])
        except OSError:
            if len(over) < _MOST and not self._figures.is_much:
                self._spans.over = over
            else:
                self.lost += len(over)
                self._figures.forget()
            raise
        self._figures.forget()
        self._start_ns = now_ns
        self._forget(now_ns)

    def _file(self, kind: str, now_ns: int, layout: Layout, rows: Iterable[Table]) -> None:
        place = self._keeping.folder / name(kind, self._start_ns, now_ns)
        with replacing(place) as part, part.open("wb") as stream:
            self._write(stream, layout, rows)

    def _write(self, stream: BinaryIO, layout: Layout, rows: Iterable[Table]) -> None:
        from wirestat.export import load

        load("parquet").write(layout, iter(rows), stream)

    def _forget(self, now_ns: int) -> None:
        kept = list(files(self._keeping.folder).items())
        sizes = {span: sum(path.stat().st_size for path in paths) for span, paths in kept}
        total = sum(sizes.values())
        for span, paths in kept[:-1]:
            is_old = self._keeping.keep_ns is not None and now_ns - span[1] > self._keeping.keep_ns
            is_much = self._keeping.keep_bytes is not None and total > self._keeping.keep_bytes
            if is_old or is_much:
                total -= sizes[span]
                for path in paths:
                    path.unlink(missing_ok=True)
