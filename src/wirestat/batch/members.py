"""A capture inside an archive (zip, tar, compressed tar), read through a pipe: nothing is unpacked to the disk."""

import lzma
import os
import shutil
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

_HEAD = 8
_SUFFIXES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")

BROKEN = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
)
"""The libraries' exceptions for files that are no archives, truncated, encrypted, or of unknown compression."""


def is_archive(path: Path) -> bool:
    """Whether a file is an archive by its name."""
    return path.name.lower().endswith(_SUFFIXES)


class Member(msgspec.Struct, frozen=True):
    """A regular file in an archive."""

    name: str
    size: int
    """Bytes without the archive's compression."""
    head: bytes
    """Its first bytes."""
    failure: str | None = None
    """Why it cannot be read."""


def listing(name: str) -> Iterator[Member]:
    """Yield each regular file of an archive.

    Raises:
        any of ``BROKEN``: it is no archive, or broken from here on.
    """
    if name.lower().endswith(".zip"):
        with zipfile.ZipFile(name) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    yield _zipped(archive, info)
        return
    with tarfile.open(name) as archive:
        for member in archive:
            if member.isfile():
                opened = archive.extractfile(member)
                yield Member(member.name, member.size, opened.read(_HEAD) if opened else b"")


def _zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    try:
        with archive.open(info) as stream:
            return Member(info.filename, info.file_size, stream.read(_HEAD))
    except BROKEN as error:
        return Member(info.filename, info.file_size, b"", reason(error))


def reason(error: BaseException) -> str:
    """Say why an archive, or a member of it, cannot be read."""
    said = str(error) or type(error).__name__
    if isinstance(error, RuntimeError) and "encrypted" in said:
        return "it is encrypted: decrypt it first"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"the archive is damaged, or none: {said[:1].lower()}{said[1:]}"


@contextmanager
def piped(name: str, member: str) -> Iterator["Pipe"]:
    """Yield a pipe with a path to read a member from; a thread fills it.

    Raises:
        any of ``BROKEN``: it is no archive, or does not hold the member any more (``KeyError``).
    """
    with _member(name, member) as stream:
        pipe = Pipe(stream)
        try:
            yield pipe
        finally:
            pipe.close()


class Pipe:
    """A pipe that a thread fills from a stream."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Begin to fill it."""
        self._read, self._write = os.pipe()
        self.failure: str | None = None
        """Why the stream broke off, if it did; known once the reader has seen the end of the pipe."""
        self._thread = threading.Thread(target=self._fill, args=(stream,), daemon=True)
        self._thread.start()

    @property
    def path(self) -> str:
        """Where to read."""
        return f"/dev/fd/{self._read}"

    def _fill(self, stream: IO[bytes]) -> None:
        try:
            with os.fdopen(self._write, "wb") as pipe:
                shutil.copyfileobj(stream, pipe, 1 << 18)
        except BrokenPipeError:
            pass  # the reader has seen enough
        except BROKEN as error:
            self.failure = reason(error)

    def close(self) -> None:
        """Close the reading end, which ends the thread."""
        os.close(self._read)
        self._thread.join()


@contextmanager
def _member(name: str, member: str) -> Iterator[IO[bytes]]:
    if name.lower().endswith(".zip"):
        with zipfile.ZipFile(name) as archive, archive.open(member) as stream:
            yield stream
        return
    opened = _FORWARD.find(name, member)
    with opened:
        yield opened


class _Forward:
    """The tar that was read last, open where its last member ended.

    A compressed tar can only be read from its beginning: to start over for each of a thousand members would take too
    long.
    """

    def __init__(self) -> None:
        self._of: tuple[str, int, int] | None = None
        self._tar: tarfile.TarFile | None = None
        self._left: Iterator[tarfile.TarInfo] = iter(())

    def find(self, name: str, member: str) -> IO[bytes]:
        """Open a member: search on after the last one, or else from the beginning."""
        info = Path(name).stat()
        key = (name, info.st_mtime_ns, info.st_size)
        if key == self._of and (found := self._next(member)):
            return found
        self.close()
        self._tar = tarfile.open(name)  # noqa: SIM115  # it stays open for the next member
        self._of, self._left = key, iter(self._tar)
        if found := self._next(member):
            return found
        self.close()
        raise KeyError(member)

    def _next(self, member: str) -> IO[bytes] | None:
        for info in self._left:
            if self._tar is not None and info.name == member and info.isfile():
                return self._tar.extractfile(info)
        return None

    def close(self) -> None:
        """Let go of it."""
        if self._tar is not None:
            self._tar.close()
        self._of, self._tar, self._left = None, None, iter(())


_FORWARD = _Forward()


def close() -> None:
    """Let go of the archive that was read last."""
    _FORWARD.close()
