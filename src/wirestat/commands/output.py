"""The destination of a report: standard output, or a file that is written atomically."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from wirestat.errors import PermissionDenied, UsageError
from wirestat.replacing import PLANTED, followed, is_planted

if TYPE_CHECKING:
    from pathlib import Path

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


class Output(msgspec.Struct, frozen=True):
    """An open output."""

    stream: BinaryIO
    encoding: str

    def write(self, chunks: Iterable[str] | Iterable[bytes]) -> None:
        """Write lines, or bytes; characters that the terminal's encoding lacks become question marks."""
        for chunk in chunks:
            if isinstance(chunk, str):
                chunk = f"{chunk}\n".encode(self.encoding, "replace")
            self.stream.write(chunk)
        self.stream.flush()


@contextmanager
def opened(path: Path | None, inputs: Sequence[str]) -> Iterator[Output]:
    """Open an output before anything is read, so that an unwritable one fails at once.

    A regular file is written beside its place and moved there at the end: readers see the old report or the new one.
    Pipes and devices are written directly.

    Raises:
        UsageError: the output is one of the inputs, or cannot be.
        PermissionDenied: it may not be written.
    """
    if path is None:
        sys.stdout.flush()
        yield Output(sys.stdout.buffer, sys.stdout.encoding or "utf-8")
        return
    spare_inputs(path, inputs)
    with naming(path), create(path, "wb") if _is_special(path) else _replacing(path) as stream:
        yield Output(stream, "utf-8")


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Add the file name to write errors: the system names files only when opening them."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM and error.filename is None:
            error.filename = str(path)
        raise


@contextmanager
def written_beside(path: Path, inputs: Sequence[str]) -> Iterator[Path]:
    """Return the name of an empty file to write, which replaces ``path`` at the end.

    Pipes and devices are written directly, and ``-`` is standard output.

    Raises:
        UsageError: ``path`` is one of the inputs, or impossible.
        PermissionDenied: it may not be written.
    """
    spare_inputs(path, inputs)
    if str(path) == "-" or _is_special(path):
        yield path
        return
    with beside(path) as part:
        create(part, "xb", named=path).close()
        yield part


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    with beside(path) as part, create(part, "xb", named=path) as stream:
        yield stream


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Return the name of a file that replaces ``path`` at the end, unless there is an error.

    Raises:
        PermissionDenied: ``path`` may not be written.
    """
    try:
        target = followed(path)
    except PermissionError:
        raise PermissionDenied(str(path), PLANTED) from None
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionDenied(str(path))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        if target.exists():
            _take_mode(part, target.stat())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _take_mode(part: Path, old: os.stat_result) -> None:
    """Give a file the mode of the one that it replaces; of another user's file only the bits that both have."""
    if sys.platform == "win32":
        part.chmod(stat.S_IMODE(old.st_mode))
        return
    rights = stat.S_IMODE(old.st_mode) & 0o777  # root's file must not run as root
    descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        if old.st_uid != os.geteuid():
            rights &= os.fstat(descriptor).st_mode
        os.fchmod(descriptor, rights)
    finally:
        os.close(descriptor)


def _is_special(path: Path) -> bool:
    """Say whether it is a pipe or a device, which is written directly.

    Raises:
        PermissionDenied: a link of somebody else's leads to one.
    """
    if not path.exists() or path.is_file():
        return False
    if is_planted(path):
        raise PermissionDenied(str(path), PLANTED)
    return True


def create(path: Path, mode: str, named: Path | None = None) -> BinaryIO:
    """Open for writing; errors name the file as the user did."""
    try:
        stream: BinaryIO = path.open(mode)  # type: ignore[assignment]  # the mode is always a binary one
    except PermissionError:
        raise PermissionDenied(str(named or path)) from None
    except OSError as error:
        raise UsageError(f"cannot write {named or path}: {reason(error)}") from None
    return stream


def spare_inputs(path: Path, inputs: Sequence[str]) -> None:
    """Reject an output that is one of the inputs.

    Raises:
        UsageError: it is.
    """
    for name in inputs:
        if name != "-" and path.exists() and os.path.exists(name) and path.samefile(name):
            raise UsageError(f"{path} is an input", hint="name another file for the report with -o")


def reason(error: OSError) -> str:
    """Return a short reason for the failure."""
    return (error.strerror or str(error)).lower()
