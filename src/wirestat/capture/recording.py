"""Recording: writes frames to disk while they are tracked, as pcapng, in one file or in rotating files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wirestat.errors import PermissionDenied, UsageError
from wirestat.replacing import PLANTED, is_planted

if TYPE_CHECKING:
    from wirestat._core import Recorder as Recorder  # re-exported, as commands do not import the core

STDOUT = "-"
_NANO = 1_000_000_000


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """Where to write, and when to start another file. 0 stands for never, and for all."""

    path: str
    """``-`` is standard output. If it contains ``%``, ``strftime(3)`` makes the name of each file."""
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
        """The common folder of all files: the part of the name without time fields."""
        whole = Path(self.path.partition("%")[0] + "x").parent.resolve()
        return next(place for place in (whole, *whole.parents) if place.is_dir())

    def __post_init__(self) -> None:
        """Reject contradictory options."""
        if self.path == STDOUT and self.rotates:
            raise UsageError("standard output cannot be rotated")
        if self.max_files and not self.rotates:
            raise UsageError("-W keeps a number of files: it takes -C or -G to begin another")

    def name(self, index: int, time_ns: int) -> str:
        """Name a file: the first as given, later ones with a number appended unless the time distinguishes them."""
        if self.path == STDOUT:
            return STDOUT
        stamped = "%" in self.path
        name = time.strftime(self.path, time.localtime(time_ns // _NANO)) if stamped else self.path
        # Two files in one second, or rotation by size within one period.
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
        if is_planted(Path(error.filename)):
            raise PermissionDenied(str(error.filename), PLANTED) from None
        if "permission" in reason:
            raise PermissionDenied(str(error.filename)) from None
        raise UsageError(f"cannot write {error.filename}: {reason}") from None
