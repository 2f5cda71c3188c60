"""The sandbox after capturing is set up: open files may be read, files of ``-w`` written, and nothing else.

Even code injected by a hostile packet then cannot run a program, open another file, make a connection, or regain a
privilege.
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
    """Give up all unneeded access, permanently; return for each part whether the kernel supports it.

    Nothing can be imported and no program started afterwards. A process that stays root needs ``with_capabilities``
    to read and write files of other users in the folders that stay open.
    """
    if not sys.platform.startswith("linux"):
        return (f"no sandbox on {sys.platform}",)
    return (
        capabilities.forbid_new_ones(keep=with_capabilities),
        landlock.restrict(openings.readable, openings.writable),
        seccomp.filter_calls(),
    )
