"""How much memory may be used: a share of what the machine has, or of what this process may have of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

_SHARE = 2
"""One part in this many: the rest is for the page cache, for the report, and for others."""
_UNKNOWN = 1 << 33
"""Bytes taken for what there is where the system does not say: that of a small laptop."""
_UNLIMITED = 1 << 62
"""Control groups of the first version write a number near this for "no limit"."""


def share(most: int) -> int:
    """Return how many bytes to use: no more than ``most``, and no more than half of what there is.

    >>> 0 < share(1 << 20) <= 1 << 20
    True
    """
    return min(most, available() // _SHARE)


@cache
def available(root: str = "") -> int:
    """Return the bytes of memory that this process may have: the machine's, or its control group's if fewer.

    ``root`` stands before the paths that the system tells it in.
    """
    limits = [limit for limit in (*_machine(root), *_groups(root)) if 0 < limit < _UNLIMITED]
    return min(limits, default=_UNKNOWN)


def _machine(root: str) -> Iterator[int]:
    for line in _lines(f"{root}/proc/meminfo"):
        if line.startswith("MemTotal:"):
            yield int(line.split()[1]) << 10  # kB


def _groups(root: str) -> Iterator[int]:
    """Yield the limits of the control groups that the process is in (``cgroups(7)``), of both versions."""
    for line in _lines(f"{root}/proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if not controllers:
            base, name = f"{root}/sys/fs/cgroup", "memory.max"
        elif "memory" in controllers.split(","):
            base, name = f"{root}/sys/fs/cgroup/memory", "memory.limit_in_bytes"
        else:
            continue
        within = path.strip("/").split("/")
        # A container sees its own group at the base, under whatever name it has outside.
        for depth in range(len(within), -1, -1):
            place = "/".join((base, *within[:depth], name))
            yield from (int(text) for text in _lines(place) if text.isdecimal())


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()
    except (OSError, ValueError):
        return []
