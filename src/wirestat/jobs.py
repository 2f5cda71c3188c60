"""How many threads track connections."""

from __future__ import annotations

import os
from collections.abc import Iterable

_SMALL = 1 << 24
"""Bytes of captures below which a second thread is not worth its while: it reads all of them, too."""


def default_jobs(paths: Iterable[str | os.PathLike[str]]) -> int:
    """Return as many as there are processors that this process may use; one for small files."""
    return cores() if _size(paths) >= _SMALL else 1


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _size(paths: Iterable[str | os.PathLike[str]]) -> int:
    """Return how many bytes there are in files; what cannot be read is somebody else's to tell of."""
    size = 0
    for path in paths:
        try:
            size += os.stat(path).st_size
        except OSError:
            continue
    return size
