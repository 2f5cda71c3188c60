"""How much memory may be used: a share of the machine's memory, or of this process's limit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

_SHARE = 2
"""The share is one part in this many: the rest is for the page cache, the report, and other processes."""
_UNKNOWN = 1 << 33
"""Bytes assumed if the system does not say: the memory of a small laptop."""
_UNLIMITED = 1 << 62
"""Control groups v1 write a number near this for "no limit"."""


def share(most: int) -> int:
    """Return how many bytes to use: at most ``most``, and at most half of the available memory.

    >>> 0 < share(1 << 20) <= 1 << 20
    True
    """
    return min(most, available() // _SHARE)


@cache
def available(root: str = "") -> int:
    """Return the bytes of memory that this process may use: the machine's, or its control group's if fewer.

    ``root`` is the prefix of the system's paths.
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
        # A container sees its own group at the root, whatever the group is called outside.
        for depth in range(len(within), -1, -1):
            place = "/".join((base, *within[:depth], name))
            yield from (int(text) for text in _lines(place) if text.isdecimal())


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()
    except (OSError, ValueError):
        return []
