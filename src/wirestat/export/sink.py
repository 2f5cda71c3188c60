"""Support for the writers of binary formats: loading their libraries, and a file that never fails."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from wirestat.errors import Unavailable


@contextmanager
def needs(extra: str = "data") -> Iterator[None]:
    """Turn an import error into an error that names the extra to install.

    Raises:
        Unavailable: a library is not installed.
    """
    try:
        yield
    except ImportError as error:
        raise Unavailable.by_extra((error.name or "a library").partition(".")[0], extra) from None


class Sink:
    """A file whose writes never fail, as writers in Rust would panic; it remembers the first failure."""

    def __init__(self, stream: BinaryIO) -> None:
        """Write to ``stream``."""
        self._stream = stream
        self.failure: OSError | None = None

    def write(self, data: bytes) -> int:
        """Write, or after a failure drop, ``data``."""
        if self.failure is None:
            try:
                self._stream.write(data)
            except OSError as failure:
                self.failure = failure
        return len(data)

    def seek(self, _offset: int, _whence: int = 0) -> int:
        """Refuse, as the stream may be a pipe. Writers check that the method exists, and do not call it."""
        raise io.UnsupportedOperation("seek")

    def flush(self) -> None:
        """Write out what the stream holds back."""
        if self.failure is None:
            try:
                self._stream.flush()
            except OSError as failure:
                self.failure = failure


@contextmanager
def sinking(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Yield a sink; its first failure is raised at the end.

    Raises:
        OSError: the stream could not be written to.
    """
    sink = Sink(stream)
    yield cast("BinaryIO", sink)
    sink.flush()
    if sink.failure is not None:
        raise sink.failure
