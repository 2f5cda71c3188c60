"""Opens captures, and pieces of them: directly, or through a pipe that a thread fills."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from wirestat.batch import members, remote
from wirestat.batch.cuts import Cut, Piece
from wirestat.batch.sources import Input
from wirestat.capture.native import Stretch
from wirestat.errors import InputError


@contextmanager
def readable(source: Input) -> Iterator[tuple[str, members.Pipe | None]]:
    """Yield a path to read a capture from, and its pipe if there is one.

    Raises:
        InputError: it lies elsewhere, or in an archive, and cannot be opened.
        any of ``members.BROKEN``, KeyError: it is in an archive that cannot be opened any more.
    """
    if source.failure is not None:
        raise InputError("archive", source.name, None, source.failure)
    if source.member is not None:
        with members.piped(source.path, source.member) as pipe:
            yield pipe.path, pipe
    elif remote.is_remote(source.path):
        with remote.opened(source.path) as stream, filled(stream) as pipe:
            yield pipe.path, pipe
    else:
        yield source.path, None


@contextmanager
def filled(stream: IO[bytes]) -> Iterator[members.Pipe]:
    """Yield a pipe that is filled from a stream."""
    pipe = members.Pipe(stream)
    try:
        yield pipe
    finally:
        pipe.close()


def stream_of(source: Input) -> IO[bytes]:
    """Open a capture for reading with random access.

    Raises:
        InputError: it lies elsewhere, and cannot be opened.
        OSError: it cannot be opened.
    """
    return remote.opened(source.path) if remote.is_remote(source.path) else Path(source.path).open("rb")


class Opened:
    """Pieces of captures, open to be read as one; use it in a ``with``."""

    def __init__(self, cuts: tuple[Cut, ...]) -> None:
        """Open nothing yet."""
        self._cuts = cuts
        self._stack = ExitStack()
        self._pipes: list[tuple[str, members.Pipe]] = []
        self.captures: list[str | Stretch] = []
        """The captures to read."""
        self.names: list[str] = []
        """The name of each."""

    def __enter__(self) -> Opened:
        """Open them.

        Raises:
            InputError: one cannot be opened.
        """
        try:
            for cut in self._cuts:
                self._open(cut)
        except (*members.BROKEN, KeyError) as error:
            self._stack.close()
            reason = (
                os.strerror(error.errno) if isinstance(error, OSError) and error.errno else None
            ) or str(error)
            raise InputError("unreadable", cut.source.name, None, reason.lower()) from None
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _open(self, cut: Cut) -> None:
        pipe: members.Pipe | None = None
        if cut.is_whole:
            path, pipe = self._stack.enter_context(readable(cut.source))
            self.captures.append(path)
        elif remote.is_remote(cut.source.path):
            stream = self._stack.enter_context(remote.opened(cut.source.path))
            pipe = self._stack.enter_context(filled(cast("IO[bytes]", Piece(stream, cut))))
            self.captures.append(pipe.path)
        else:
            self.captures.append(Stretch(cut.source.path, cut.head, cut.start, cut.end))
        self.names.append(cut.source.name)
        if pipe is not None:
            self._pipes.append((cut.source.name, pipe))

    def check(self) -> None:
        """Check that all was read to its end.

        Raises:
            InputError: some of it could not be.
        """
        for name, pipe in self._pipes:
            if pipe.failure:
                raise InputError("unreadable", name, None, pipe.failure)
