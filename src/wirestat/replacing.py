"""Atomic writing: a file appears complete or not at all."""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PLANTED = "it is a link of another user's, in a folder where anybody may write"
"""Why a file is not written there."""


@contextmanager
def replacing(place: "Path") -> "Iterator[Path]":
    """Return the name of an empty temporary file to write, which replaces the target once it is complete.

    A link at the target is replaced, and not followed. The temporary file is a new one: its name can be foretold, and
    somebody else may have put a link there.

    Raises:
        OSError: it cannot be made, or moved there; the old file stays.
    """
    part = place.with_name(f".{place.name}.part")
    part.unlink(missing_ok=True)  # that of a killed run
    part.open("xb").close()
    try:
        yield part
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


def followed(place: "Path") -> "Path":
    """Return where a file is to be written: what stands there, or what a link there leads to.

    The place is looked at once, and what is no link is not resolved: so nobody can plant one in between.

    Raises:
        PermissionError: it is a link that somebody else has planted.
    """
    try:
        found = place.lstat()
    except OSError:
        found = None
    if found is None or not stat.S_ISLNK(found.st_mode):
        return place.parent.resolve() / place.name
    if _is_of_others(found, place.parent.stat()):
        raise PermissionError(errno.EACCES, PLANTED, str(place))
    return place.resolve()


def is_planted(place: "Path") -> bool:
    """Whether somebody else's link stands where a file is to be written, in a folder where anybody may write.

    To follow it would let them choose what is overwritten. Linux does not follow it either, where
    ``fs.protected_symlinks`` is set (proc(5)) and the folder is sticky; a link of the folder's owner, or of root, is
    followed.
    """
    try:
        return _is_of_others(place.lstat(), place.parent.stat())
    except OSError:
        return False


def _is_of_others(link: os.stat_result, folder: os.stat_result) -> bool:
    owners = {folder.st_uid, 0}
    if sys.platform != "win32":
        owners.add(os.geteuid())
    return stat.S_ISLNK(link.st_mode) and bool(folder.st_mode & stat.S_IWOTH) and link.st_uid not in owners
