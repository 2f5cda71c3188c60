"""The parts that are done: a line for each, once its rows are on the disk. A run that was killed goes on from it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from wirestat.batch.task import Done

NAME = "done.ndjson"


class Journal:
    """The journal of a folder of results, open for more."""

    def __init__(self, folder: Path) -> None:
        """Read the parts that are done, and go on from there; an incomplete last line is removed.

        Raises:
            OSError: it cannot be read or written.
        """
        self.parts: list[tuple[Done, ...]] = []
        """The captures done together, whose rows lie in one part of the tables."""
        place = folder / NAME
        whole = 0
        if place.exists():
            for line, end in _lines(place):
                self.parts.append(line)
                whole = end
        self._stream: BinaryIO = place.open("r+b" if place.exists() else "w+b")
        self._stream.truncate(whole)
        self._stream.seek(whole)

    @property
    def done(self) -> list[Done]:
        """The result of each capture."""
        return [one for part in self.parts for one in part]

    def add(self, part: tuple[Done, ...]) -> None:
        """Append a part that is done, and sync it to the disk.

        Raises:
            OSError: it cannot be written.
        """
        self._stream.write(msgspec.json.encode(part) + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self.parts.append(part)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def _lines(place: Path) -> Iterator[tuple[tuple[Done, ...], int]]:
    """Yield each whole line, with the offset after it."""
    end = 0
    with place.open("rb") as stream:
        for line in stream:
            if not line.endswith(b"\n"):
                return
            try:
                one = msgspec.json.decode(line, type=tuple[Done, ...])
            except msgspec.DecodeError:
                return
            end += len(line)
            yield one, end
