"""Recording: frames are written to disk while they are tracked, as pcapng, in one file or in a row of them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wirestat.errors import PermissionDenied, UsageError

if TYPE_CHECKING:
    from wirestat._core import Recorder as Recorder  # commands know it from here, and not the core

STDOUT = "-"
_NANO = 1_000_000_000


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """Where to write, and when to begin another file. 0 stands for never, and for all."""

    path: str
    """``-`` is standard output. Where it holds ``%``, ``strftime(3)`` makes the name of each file."""
    max_bytes: int = 0
    max_seconds: int = 0
    max_files: int = 0
    """Files kept; the oldest goes first."""

    @property
    def rotates(self) -> bool:
        """Whether other files follow the first."""
        return bool(self.max_bytes or self.max_seconds)

    @property
    def folder(self) -> Path:
        """The folder that all files are in, or in folders of: as much of the name as no time changes."""
        whole = Path(self.path.partition("%")[0] + "x").parent.resolve()
        return next(place for place in (whole, *whole.parents) if place.is_dir())

    def __post_init__(self) -> None:
        """Reject what cannot be meant."""
        if self.path == STDOUT and self.rotates:
            raise UsageError("standard output cannot be rotated")
        if self.max_files and not self.rotates:
            raise UsageError("-W keeps a number of files: it takes -C or -G to begin another")

    def name(self, index: int, time_ns: int) -> str:
        """Name a file: the first as given, later ones with a number behind it unless the time tells them apart."""
        if self.path == STDOUT:
            return STDOUT
        stamped = "%" in self.path
        name = time.strftime(self.path, time.localtime(time_ns // _NANO)) if stamped else self.path
        # Two files of one second, or rotation by size within one period.
        numbered = index and (not stamped or self.max_bytes or Path(name).exists())
        return f"{name}{index}" if numbered else name


def begin(recording: Recording) -> Recorder:
    """Begin the first file.

    Raises:
        PermissionDenied: it may not be written.
        UsageError: it cannot be.
    """
    from wirestat import _core
    from wirestat.version import __version__

    try:
        return _core.Recorder(
            recording.name,
            f"wirestat {__version__}",
            time.time_ns(),
            max_bytes=recording.max_bytes,
            max_ns=recording.max_seconds * _NANO,
            max_files=recording.max_files,
        )
    except OSError as error:
        reason = error.strerror or str(error)
        if "permission" in reason:
            raise PermissionDenied(
                str(error.filename),
                "files are written after the rights of root are given up; -Z names who may write there, or root",
            ) from None
        raise UsageError(f"cannot write {error.filename}: {reason}") from None
