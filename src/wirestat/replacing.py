"""Atomic writing: a file appears complete or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(place: Path) -> Iterator[Path]:
    """Return the name of a temporary file to write, which replaces the target once it is complete.

    Raises:
        OSError: it cannot be moved there; the old file stays.
    """
    part = place.with_name(f".{place.name}.part")
    try:
        yield part
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
