"""Temporary files for captures given to Python as bytes or open files: engines read named files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO

from msgspec.structs import replace

from wirestat.capture.source import Progress, Source
from wirestat.errors import InputError, UsageError
from wirestat.model import Capture


class Named:
    """Temporary files, with the names to report."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self._names: dict[str, str] = {}

    def add(self, path: str, name: str | None = None) -> None:
        """Add a file; ``name`` is the name to report."""
        self.paths.append(path)
        if name is not None:
            self._names[path] = name

    def told(self, name: str) -> str:
        """Return the name to report for a file."""
        return self._names.get(name, name)


class Renamed:
    """Wraps a source to report other names for its captures."""

    def __init__(self, source: Source, named: Named) -> None:
        """Wrap a source."""
        self._source = source
        self._named = named

    def drain(self, core: object, progress: Progress | None = None) -> bool:
        """Hand every packet to the tracker's core."""
        return self._source.drain(core, progress)  # type: ignore[arg-type]  # whatever that source takes

    def captures(self) -> tuple[Capture, ...]:
        """Return each capture with its counts and defects."""
        return tuple(replace(one, name=self._named.told(one.name)) for one in self._source.captures())

    def close(self) -> None:
        """Close the source."""
        self._source.close()


@contextmanager
def as_files(given: Sequence[object]) -> Iterator[Named]:
    """Yield files with the given content, until the reading is over.

    Raises:
        UsageError: something is neither a path, nor bytes, nor a file open for reading bytes.
        InputError: reading failed; the error has the given name.
    """
    named = Named()
    with ExitStack() as stack:
        for number, one in enumerate(given, 1):
            if isinstance(one, str | os.PathLike):
                named.add(os.fspath(one))
                continue
            import tempfile  # imported here, as it is rarely needed

            name = _name(one, number)
            file = stack.enter_context(tempfile.NamedTemporaryFile(prefix="wirestat-"))
            _copy(one, name, file)
            named.add(file.name, name)
        try:
            yield named
        except InputError as error:
            error.name = named.told(error.name)
            raise


def _name(one: object, number: int) -> str:
    name = getattr(one, "name", None)
    return name if isinstance(name, str) else f"capture {number}"


def _copy(one: object, name: str, file: IO[bytes]) -> None:
    if isinstance(one, bytes | bytearray | memoryview):
        file.write(one)
    elif hasattr(one, "read"):
        import shutil

        try:
            shutil.copyfileobj(one, file)
        except TypeError:
            raise UsageError(f"{name} is open for reading text", hint="open it with mode 'rb'") from None
    else:
        raise UsageError(
            f"{type(one).__name__} is not a capture",
            hint="give a path, bytes, or a file open for reading bytes",
        )
    file.flush()
