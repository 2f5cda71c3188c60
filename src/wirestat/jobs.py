"""How many threads track connections."""

from __future__ import annotations

import os
from collections.abc import Iterable

MOST = 64
"""Threads that may be asked for."""
_SMALL = 1 << 24
"""Bytes of captures below which a second thread does not pay, as every thread reads all frames."""


def default_jobs(paths: Iterable[str | os.PathLike[str]]) -> int:
    """Return the number of processors that this process may use; one for small files."""
    return cores() if _size(paths) >= _SMALL else 1


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _size(paths: Iterable[str | os.PathLike[str]]) -> int:
    """Return the total size of the files, in bytes; unreadable files are reported elsewhere."""
    size = 0
    for path in paths:
        try:
            size += os.stat(path).st_size
        except OSError:
            continue
    return size
