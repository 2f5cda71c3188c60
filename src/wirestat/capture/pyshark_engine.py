"""The engine pyshark: tshark dissects, wirestat tracks.

pyshark says what to capture and how: files, interfaces, display filters, preferences, keys. Its packets would cost
a thousand times what they are needed for, and its event loop gets in the way of others; so tshark is run beside it,
asked for a few fields a frame and read as they come.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from wirestat.capture import tshark
from wirestat.capture.needs import package
from wirestat.capture.privileges import User, denied
from wirestat.capture.tally import Tally, size_of
from wirestat.capture.tshark_fields import OUTPUT, PREFERENCES, Line, row
from wirestat.errors import InputError, PermissionDenied, UsageError
from wirestat.model import Capture

if TYPE_CHECKING:
    from wirestat import _core
    from wirestat.capture.source import Progress

_WAIT = 0.1
_LINES = 1000
_NO_LOOP: Any = object()
"""An event loop for pyshark to hold and never to run: it would take over that of whoever calls us."""


def of_files(
    paths: Sequence[str | os.PathLike[str]], display_filter: str | None = None, **settings: Any
) -> PysharkSource:
    """Make a source of capture files; ``settings`` are those of ``pyshark.FileCapture``."""
    module = package("pyshark")
    tshark.path()
    captures = []
    for path in [os.fspath(path) for path in paths]:
        if path == "-":
            captures.append(module.PipeCapture(0, display_filter=display_filter, eventloop=_NO_LOOP))
            continue
        try:
            captures.append(
                module.FileCapture(
                    path, keep_packets=False, display_filter=display_filter, eventloop=_NO_LOOP, **settings
                )
            )
        except FileNotFoundError:
            raise InputError("missing", path, None, "no such file") from None
    return PysharkSource(captures)


def of_interfaces(
    names: Sequence[str], expression: str, display_filter: str | None = None, user: User | None = None
) -> PysharkSource:
    """Make a source of interfaces: dumpcap captures and tshark, as ``user``, dissects."""
    tshark.path()
    tshark.path("dumpcap")
    capture = package("pyshark").LiveCapture(
        list(names), bpf_filter=expression or None, display_filter=display_filter, eventloop=_NO_LOOP
    )
    return PysharkSource([capture], user)


class PysharkSource:
    """Captures as pyshark describes them."""

    def __init__(self, captures: Sequence[Any], user: User | None = None) -> None:
        """Take captures that pyshark has not started to read."""
        self._streams = [_Stream(capture, user) for capture in captures]

    @property
    def dropped(self) -> int | None:
        """Nobody says how many packets dumpcap had to drop until it ends."""
        return None

    def remarks(self) -> list[str]:
        """There is nothing to be said while it runs."""
        return []

    def drain(self, core: _core.Tracker, progress: Progress | None = None) -> bool:
        """Hand every packet to the tracker's core. ``False`` where ``progress`` stopped it before the end."""
        try:
            return self._drain(core, progress)
        finally:
            self.close()

    def captures(self) -> tuple[Capture, ...]:
        """Return what there is to say about each capture, as far as it has been read."""
        return tuple(stream.capture() for stream in self._streams)

    def close(self) -> None:
        """End every process."""
        for stream in self._streams:
            stream.close()

    def _drain(self, core: _core.Tracker, progress: Progress | None) -> bool:
        number = 0
        for texts in self._batches():
            taken = [(stream, *row(text, place)) for place, (stream, text) in enumerate(texts, number + 1)]
            number += len(taken)
            for stream, group in groupby(taken, key=itemgetter(0)):
                _, rows, lengths, captured = zip(*group, strict=True)
                stream.tally.note([made[1] for made in rows], lengths, captured)
            core.feed_segments([made for _, made, _, _ in taken])
            if core.is_full():
                return True
            if progress is not None and not progress(
                sum(stream.tally.bytes for stream in self._streams), None
            ):
                return False
        return True

    def _batches(self) -> Iterator[list[tuple[_Stream, str]]]:
        """Yield lines as they come; those of several captures in the order of their times."""
        if len(self._streams) == 1:
            [stream] = self._streams
            for lines in stream.lines():
                yield [(stream, line) for line in lines]
            return
        ordered = merge(
            *(stream.timed(index) for index, stream in enumerate(self._streams)), key=lambda item: item[0]
        )
        batch: list[tuple[_Stream, str]] = []
        for _, stream, text in ordered:
            batch.append((stream, text))
            if len(batch) == _LINES:
                yield batch
                batch = []
        yield batch


class _Stream:
    """One capture of pyshark's, run through tshark."""

    def __init__(self, capture: Any, user: User | None) -> None:
        self._capture = capture
        self._user = user
        self._process: tshark.Process | None = None
        self.tally = Tally()
        self.error: str | None = None
        self.kind = type(capture).__name__
        self.name = self._name()

    def lines(self) -> Iterator[list[str]]:
        """Start tshark and yield its lines."""
        # Here and not before: a process is tied to the thread that starts it.
        self._process = tshark.Process(self._commands(), stdin=self._stdin(), user=self._user)
        yield from self._process.lines(None if self.kind == "FileCapture" else _WAIT)
        self.error = self._process.outcome()
        if self.error and self.tally.frames == 0:
            raise self._refused(self.error)

    def timed(self, index: int) -> Iterator[tuple[tuple[int, int], _Stream, str]]:
        """Yield single lines with what they are to be ordered by."""
        for text in chain.from_iterable(self.lines()):
            yield (Line(text).time_ns, index), self, text

    def capture(self) -> Capture:
        """Describe the capture."""
        format = f"tshark {tshark.version(self._capture.tshark_path)} by pyshark"
        size = size_of(self.name) if self.kind == "FileCapture" else None
        return self.tally.capture(self.name, format, size=size, error=self.error)

    def close(self) -> None:
        """End the processes."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def _commands(self) -> list[list[str]]:
        program = tshark.path(named=self._capture.tshark_path)
        preferences = [word for preference in PREFERENCES for word in ("-o", preference)]
        given = list(self._capture.get_parameters())
        live = self.kind in ("LiveCapture", "RemoteCapture")
        if live:
            given[given.index("-i") : given.index("-i") + 2] = ["-r", "-"]
        flushed = ["-l"] if live or self.kind == "PipeCapture" else []
        dissect = [program, "-n", *flushed, *preferences, *given, *OUTPUT]
        if not live:
            return [dissect]
        dumpcap = tshark.path("dumpcap", self._capture.tshark_path)
        return [[dumpcap, *self._capture._get_dumpcap_parameters()], dissect]

    def _stdin(self) -> int | None:
        pipe = getattr(self._capture, "_pipe", None)
        return pipe if pipe is None or isinstance(pipe, int) else int(pipe.fileno())

    def _name(self) -> str:
        match self.kind:
            case "FileCapture":
                return str(self._capture.input_filepath)
            case "PipeCapture":
                return "-"
            case "LiveCapture" | "RemoteCapture":
                return ", ".join(self._capture.interfaces)
            case kind:
                raise UsageError(
                    f"a {kind} cannot be tracked",
                    hint="hand over a FileCapture, LiveCapture, RemoteCapture or PipeCapture of pyshark",
                )

    def _refused(self, reason: str) -> Exception:
        if "ermission" in reason and self.kind == "LiveCapture":
            return denied(self.name)
        if "ermission" in reason:
            return PermissionDenied(self.name)
        reason = reason.removeprefix("tshark: ").removeprefix("tshark: ")
        wanted = getattr(self._capture, "_display_filter", None)
        if wanted and "file" not in reason:
            return UsageError(
                f"display filter {wanted!r}: {reason}", hint="wireshark-filter(4) has the syntax"
            )
        return InputError("not a capture", self.name, None, f"tshark cannot read it: {reason}")
