"""Network namespaces: those of containers have sockets of their own."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from wirestat.errors import PermissionDenied, UsageError

_CLONE_NEWNET = 0x40000000
_NAMED = Path("/run/netns")
Made = TypeVar("Made")


def path(name: str) -> Path:
    """Return the path of a namespace, given by its name, by the id of a process in it, or by its path.

    Raises:
        UsageError: there is none.
    """
    found = (
        Path("/proc", name, "ns/net") if name.isdecimal() else Path(name) if "/" in name else _NAMED / name
    )
    if not found.exists():
        raise UsageError(
            f"there is no network namespace {name}", hint="a name of 'ip netns', a process, or a path"
        )
    return found


def inside(place: Path, make: Callable[[], Made]) -> Made:
    """Make an object in a namespace, to which it belongs from then on.

    Raises:
        PermissionDenied: entering another namespace takes CAP_SYS_ADMIN.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        there = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if libc.setns(there, _CLONE_NEWNET) != 0:
                raise PermissionDenied(f"entering the network namespace {place}")
            return make()
        finally:
            libc.setns(home, _CLONE_NEWNET)
            os.close(there)
    finally:
        os.close(home)
