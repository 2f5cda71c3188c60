"""Copies a capture as pcapng, with comments on its frames."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from wirestat import _core
from wirestat.capture.native import described, translated
from wirestat.capture.source import Progress
from wirestat.model import Capture
from wirestat.version import __version__

_BATCH = 50_000
"""Frames between two progress callbacks."""


class Copy(msgspec.Struct, frozen=True):
    """The result of copying."""

    capture: Capture
    """The original, as far as it was read."""
    frames: int
    comments: int
    """Comments added, without those that were there already."""
    without_room: int
    """Comments on simple packet blocks, which have no room for any."""


def copy(path: str, to: str, comments: Iterable[tuple[int, str]], progress: Progress) -> Copy:
    """Copy a capture file; ``comments`` are numbers of frames, from 1, each with a text. ``-`` is standard output.

    Frames, interfaces, options and comments stay as they are. Other formats become pcapng.

    Raises:
        InputError: the capture cannot be read.
        PermissionDenied: it may not be read.
        OSError: the copy cannot be written.
        KeyboardInterrupt: ``progress`` asked to stop.
    """
    try:
        copier = _core.Copier(path, to, f"wirestat {__version__}", list(comments))
    except _core.CaptureError as error:
        raise translated(error.args[0]) from None
    while copier.copy(_BATCH) != "end":
        if not progress(*copier.progress()):
            raise KeyboardInterrupt
    return Copy(described(copier.capture()), *copier.counts())
