"""The rights that remain once capturing is arranged: to read what is open, to write where ``-w`` says, and no more.

Whatever a hostile packet may bring about in this process then runs no program, opens no other file, makes no
connection, and never gets a right back.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from wirestat.capture.sandbox import capabilities, landlock, seccomp


class Openings(msgspec.Struct, frozen=True):
    """The part of the file system that stays open."""

    readable: Sequence[Path] = ()
    """Folders whose files may be read."""
    writable: Sequence[Path] = ()
    """Folders in which files may be made, written and removed."""


def shut(openings: Openings, *, with_capabilities: bool = False) -> tuple[str, ...]:
    """Give up all that is not needed any more, for good; say of each part whether the kernel has it.

    Nothing can be imported and no program started afterwards. Who is to stay root keeps ``with_capabilities`` the
    right to read and write what belongs to others, in the places left open.
    """
    if not sys.platform.startswith("linux"):
        return (f"no sandbox on {sys.platform}",)
    return (
        capabilities.forbid_new_ones(keep=with_capabilities),
        landlock.restrict(openings.readable, openings.writable),
        seccomp.filter_calls(),
    )
