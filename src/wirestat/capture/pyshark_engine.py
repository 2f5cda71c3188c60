"""The engine pyshark: tshark dissects, wirestat tracks.

A pyshark capture describes the input, and builds the parameters of tshark: files, interfaces, display filters,
preferences, keys. pyshark's packet objects would cost a thousand times more than needed, and its event loop conflicts
with others; so wirestat starts tshark itself, asks for a few fields per frame and reads them as they come.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from wirestat.capture import privileges, tshark, tshark_task
from wirestat.capture.privileges import User
from wirestat.capture.tally import Tally, size_of
from wirestat.capture.tshark_fields import OUTPUT, PREFERENCES, Line, dissected
from wirestat.capture.tshark_task import Task
from wirestat.errors import InputError, PermissionDenied, UsageError
from wirestat.model import Capture
from wirestat.system import is_root
from wirestat.titles import printable

if TYPE_CHECKING:
    from wirestat import _core
    from wirestat.capture.source import Progress
    from wirestat.dissected import Dissected

_WAIT = 0.1
_LINES = 1000
_SHOWN = 100
"""Characters of an invalid line that are shown."""
_NONSENSE = (ValueError, IndexError, OverflowError, TypeError)
"""Raised by parsers of lines, here and in the core, for a line that is not tshark's."""
_Told = tuple["_Stream", str]
"""A capture, and a line of tshark's output for it."""


def of_files(
    paths: Sequence[str | os.PathLike[str]], display_filter: str | None = None, program: str | None = None
) -> PysharkSource:
    """Make a source of capture files. For root, tshark runs as nobody.

    Raises:
        InputError: a file is missing.
        PermissionDenied: a file may not be read.
        Unavailable: pyshark or tshark is not installed, or tshark is too old.
        UsageError: ``program`` is not the path of a tshark.
    """
    user = privileges.nobody() if is_root() else None
    tshark.version(program, user)
    return PysharkSource(
        [tshark_task.of_file(os.fspath(path), display_filter, program, user) for path in paths]
    )


def of_interfaces(
    names: Sequence[str],
    expression: str,
    display_filter: str | None = None,
    program: str | None = None,
    user: User | None = None,
) -> PysharkSource:
    """Make a source of interfaces: dumpcap begins to capture, and tshark dissects as ``user``.

    Raises:
        Unavailable: pyshark or tshark is not installed.
        UsageError: ``program`` is not the path of a tshark.
    """
    tshark.path(program)
    if user is None and is_root():
        user = privileges.nobody()
    source = PysharkSource([tshark_task.of_interfaces(names, expression, display_filter, program, user)])
    source.capture()
    return source


def of_capture(capture: Any) -> PysharkSource:
    """Make a source of a pyshark capture that pyshark has not started to read.

    Raises:
        Unavailable: tshark is not installed, or too old.
        UsageError: pyshark has captures of that kind, but they cannot be tracked.
    """
    return PysharkSource([tshark_task.of_pyshark(capture)])


class PysharkSource:
    """Captures that tshark reads."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        """Take the tasks of tshark."""
        self._streams = [_Stream(task) for task in tasks]

    def capture(self) -> None:
        """Begin to capture, with privileges that may be given up afterwards."""
        for stream in self._streams:
            stream.capture()

    def start(self) -> None:
        """Start every tshark."""
        for stream in self._streams:
            stream.start()

    @property
    def dropped(self) -> int | None:
        """Return ``None``: dumpcap reports its drops only when it ends."""
        return None

    def remarks(self) -> list[str]:
        """Return no remarks."""
        return []

    def drain(self, core: _core.Tracker, progress: Progress | None = None) -> bool:
        """Hand every packet to the tracker's core. ``False`` where ``progress`` stopped it before the end."""
        try:
            return self._drain(core, progress)
        finally:
            self.close()

    def captures(self) -> tuple[Capture, ...]:
        """Return each capture with its counts and defects so far."""
        return tuple(stream.description() for stream in self._streams)

    def close(self) -> None:
        """End every process."""
        for stream in self._streams:
            stream.close()

    def _drain(self, core: _core.Tracker, progress: Progress | None) -> bool:
        number = 0
        for texts in self._batches():
            number += _feed(core, texts, number)
            if core.is_full():
                return True
            if progress is not None and not progress(
                sum(stream.tally.bytes for stream in self._streams), None
            ):
                return False
        for stream in self._streams:
            stream.refuse_nonsense()
        return True

    def _batches(self) -> Iterator[list[_Told]]:
        """Yield lines as they come; those of several captures in the order of their times."""
        if len(self._streams) == 1:
            [stream] = self._streams
            for lines in stream.lines():
                yield [(stream, line) for line in lines]
            return
        ordered = merge(
            *(stream.timed(index) for index, stream in enumerate(self._streams)), key=lambda item: item[0]
        )
        batch: list[_Told] = []
        for _, stream, text in ordered:
            batch.append((stream, text))
            if len(batch) == _LINES:
                yield batch
                batch = []
        yield batch


def _feed(core: _core.Tracker, texts: list[_Told], number: int) -> int:
    """Pass the frames of some lines to the core, numbered from after ``number``; return how many."""
    try:
        taken = [(stream, *dissected(text, place)) for place, (stream, text) in enumerate(texts, number + 1)]
    except _NONSENSE:
        return _feed_singly(core, texts, number)
    before = core.intake().frames
    try:
        core.feed_segments([made for _, made, _, _ in taken])
    except _NONSENSE:
        whole = core.intake().frames - before
        _note(taken[:whole])
        return whole + _feed_singly(core, texts[whole:], number + whole)
    _note(taken)
    return len(taken)


def _feed_singly(core: _core.Tracker, texts: list[_Told], number: int) -> int:
    """Pass the frames on line by line, for each capture up to its first invalid line; return how many."""
    place = number
    for stream, text in texts:
        if stream.error is not None:
            continue
        try:
            made, length, captured = dissected(text, place + 1)
            core.feed_segments([made])
        except _NONSENSE as error:
            stream.misread(text, error)
            continue
        place += 1
        _note([(stream, made, length, captured)])
    return place - number


def _note(taken: list[tuple[_Stream, Dissected, int, int]]) -> None:
    for stream, group in groupby(taken, key=itemgetter(0)):
        _, packets, lengths, captured = zip(*group, strict=True)
        stream.tally.note([made.time_ns for made in packets], lengths, captured)


class _Stream:
    """One capture, run through tshark."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._processes: tshark.Processes | None = None
        self._is_started = False
        self._is_misread = False
        self._format = ""
        self.tally = Tally()
        self.error: str | None = None

    def capture(self) -> None:
        """Start dumpcap, if the task is to capture."""
        # With ``--pdeathsig`` a process ends when the thread that started it ends.
        task = self._task
        self._processes = tshark.Processes(task.stdin)
        if capturing := task.capturing():
            command = [tshark.capturer(task.program), *capturing]
            self._processes.start(command, user=task.user, capture=True)

    def start(self) -> None:
        """Start tshark, unless it has been."""
        if self._is_started:
            return
        self._is_started = True
        if self._processes is None:
            self.capture()
        assert self._processes is not None
        task = self._task
        # A process that has already become that user cannot change again.
        user = task.user if is_root() else None
        self._format = f"tshark {tshark.version(task.program, user)} by pyshark"
        preferences = [word for preference in PREFERENCES for word in ("-o", preference)]
        flushed = [] if task.kind == "file" else ["-l"]
        command = [tshark.path(task.program), "-n", *flushed, *preferences, *task.arguments(), *OUTPUT]
        self._processes.start(command, user=user)
        self._let_go()

    def lines(self) -> Iterator[list[str]]:
        """Start tshark and yield its lines."""
        self.start()
        assert self._processes is not None
        for lines in self._processes.lines(None if self._task.kind == "file" else _WAIT):
            yield lines
            if self.error is not None:
                return
        self.error = self._processes.outcome()
        if self.error and self.tally.frames == 0:
            raise self._refused(self.error)

    def timed(self, index: int) -> Iterator[tuple[tuple[int, int], _Stream, str]]:
        """Yield single lines with their sort key."""
        for text in chain.from_iterable(self.lines()):
            try:
                time_ns = Line(text).time_ns
            except _NONSENSE as error:
                self.misread(text, error)
                return
            yield (time_ns, index), self, text

    def misread(self, text: str, error: Exception) -> None:
        """Stop reading this capture: tshark writes no such line for a frame."""
        shown = printable(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
        self.error = f"tshark wrote a line that makes no sense ({error}): {shown!r}"
        self._is_misread = True

    def refuse_nonsense(self) -> None:
        """Raise an error if the capture yielded nothing.

        Raises:
            InputError: the first line was invalid.
        """
        if self._is_misread and self.tally.frames == 0:
            raise InputError("not understood", self._task.name, None, self.error or "")

    def description(self) -> Capture:
        """Describe the capture."""
        task = self._task
        size = size_of(task.name) if task.kind == "file" else None
        error = f"after {self.tally.frames} frames {self.error}" if self._is_misread else self.error
        return self.tally.capture(task.name, self._format, size=size, error=error)

    def close(self) -> None:
        """End the processes."""
        if self._processes is not None:
            self._processes.close()
            self._processes = None
        self._let_go()

    def _let_go(self) -> None:
        stdin = self._task.stdin
        if stdin is not None and not isinstance(stdin, int):
            stdin.close()

    def _refused(self, reason: str) -> Exception:
        task = self._task
        if "ermission" in reason and task.kind == "live" and not task.is_remote:
            return privileges.denied(task.name)
        if "ermission" in reason:
            return PermissionDenied(task.name)
        reason = reason.removeprefix("tshark: ").removeprefix("tshark: ")
        wanted = task.display_filter
        if wanted and "file" not in reason:
            return UsageError(
                f"display filter {wanted!r}: {reason}", hint="wireshark-filter(4) has the syntax"
            )
        return InputError("not a capture", task.name, None, f"tshark cannot read it: {reason}")
