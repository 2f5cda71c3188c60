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
"""The libraries raise these on archives that are no archives, cut short, encrypted, or compressed in unknown ways."""


def is_archive(path: Path) -> bool:
    """Whether a file is an archive by its name."""
    return path.name.lower().endswith(_SUFFIXES)


def listing(name: str) -> Iterator[tuple[str, int, bytes]]:
    """Yield each regular file of an archive: its name, its size in bytes, and how it begins.

    Raises:
        any of ``BROKEN``: it is no archive, or a broken one.
    """
    if name.lower().endswith(".zip"):
        with zipfile.ZipFile(name) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    with archive.open(info) as stream:
                        yield info.filename, info.file_size, stream.read(_HEAD)
        return
    with tarfile.open(name) as archive:
        for member in archive:
            if member.isfile():
                opened = archive.extractfile(member)
                yield member.name, member.size, opened.read(_HEAD) if opened else b""


@contextmanager
def piped(name: str, member: str) -> Iterator["Pipe"]:
    """Give a path to read a member from; a thread fills the pipe behind it.

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
        """Why the stream ended before its end, if it did: to be asked for once the reader has seen the end."""
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
            self.failure = str(error) or type(error).__name__

    def close(self) -> None:
        """Let go of the reading end, which ends the thread."""
        os.close(self._read)
        self._thread.join()


@contextmanager
def _member(name: str, member: str) -> Iterator[IO[bytes]]:
    if name.lower().endswith(".zip"):
        with zipfile.ZipFile(name) as archive, archive.open(member) as stream:
            yield stream
        return
    with tarfile.open(name) as tar:
        opened = tar.extractfile(member)
        if opened is None:
            raise KeyError(member)
        with opened:
            yield opened
