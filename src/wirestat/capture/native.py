"""Capture files, read by the core: pcap and pcapng, plain or compressed, one or several, or standard input."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from wirestat import _core
from wirestat.capture.source import Progress
from wirestat.errors import InputError, PermissionDenied
from wirestat.model import Capture, Interface
from wirestat.titles import printable

BATCH = 100_000
"""Frames between two progress callbacks: some ten milliseconds."""


class Stretch(msgspec.Struct, frozen=True):
    """A range of a capture file, read as a separate capture."""

    path: str
    head: int
    """The length of the file's head, which describes the format."""
    start: int
    """The start of the range."""
    end: int | None
    """The end of the range; ``None`` for the end of the file."""


class Taker(Protocol):
    """The receiver of frames: the core of a tracker, or one point of a comparison."""

    def read(self, reader: _core.Reader, frames: int) -> Literal["more", "end", "pending"]:
        """Read up to ``frames`` frames."""


class NativeSource:
    """Captures read as one stream: merged by time where they overlap, in sequence where they do not."""

    def __init__(self, captures: Sequence[str | os.PathLike[str] | Stretch]) -> None:
        """Open captures: paths, or parts of files; ``-`` is standard input.

        Raises:
            InputError: none could be opened. If some could, the errors of the others are in :meth:`captures`.
            PermissionDenied: the only one may not be read.
        """
        try:
            paths = [one.path if isinstance(one, Stretch) else os.fspath(one) for one in captures]
            parts = {
                place: (one.head, one.start, one.end)
                for place, one in enumerate(captures)
                if isinstance(one, Stretch)
            }
            self.reader = _core.Reader(paths, False, 0, parts)
            """The core's reader of all of them."""
        except _core.CaptureError as error:
            raise translated(error.args[0]) from None

    def drain(self, core: Taker, progress: Progress | None = None) -> bool:
        """Hand every frame to the core. ``False`` where ``progress`` stopped it before the end."""
        while core.read(self.reader, BATCH) != "end":  # "pending" when it has waited for a stream
            if progress is not None and not progress(*self.reader.progress()):
                return False
        return True

    def captures(self) -> tuple[Capture, ...]:
        """Return each capture with its counts and defects so far."""
        return tuple(described(row) for row in self.reader.captures())

    def close(self) -> None:
        """Files close themselves when they have been read."""


def translated(failures: list[_core.Failure]) -> InputError | PermissionDenied:
    """Make the exception when all inputs have failed: that of the first."""
    name, kind, offset, message = failures[0]
    if kind == "permission":
        return PermissionDenied(name)
    return InputError(kind, name, offset or None, message.removeprefix(f"{name}: "))


def described(capture: _core.Described) -> Capture:
    """Make the record of a capture, with its text made safe to print."""
    error = capture.error
    return Capture(
        name=capture.name,
        format=capture.format or ("nothing read" if error is None else "unreadable"),
        compression=capture.compression,
        size=capture.size,
        interfaces=tuple(map(_interface, capture.interfaces)),
        frames=capture.frames,
        first_time_ns=capture.first_time_ns,
        last_time_ns=capture.last_time_ns,
        snapped_frames=capture.snapped_frames,
        backward_steps=capture.backward_steps,
        comments=tuple("\n".join(map(printable, comment.splitlines())) for comment in capture.comments),
        defects=tuple(capture.defects),
        error=None if error is None else printable(error.removeprefix(f"{capture.name}: ")),
        longest_gap_ns=capture.longest_gap_ns,
        longest_gap_from_ns=capture.longest_gap_from_ns,
    )


def _interface(interface: _core.DescribedInterface) -> Interface:
    return Interface(
        name=interface.name and printable(interface.name),
        link_type=interface.link_type,
        link_name=interface.link_name or f"link type {interface.link_type}",
        snaplen=interface.snaplen,
        frames=interface.frames,
        received=interface.received,
        dropped=interface.dropped,
        decoded=_core.is_decoded(interface.link_type),
    )
