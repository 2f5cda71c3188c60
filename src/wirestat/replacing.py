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


@contextmanager
def replacing(place: "Path") -> "Iterator[Path]":
    """Return the name of a temporary file to write, which replaces the target once it is complete.

    Raises:
        OSError: it cannot be moved there, or a link of another user's leads there; the old file stays.
    """
    if is_planted(place):
        raise PermissionError(errno.EACCES, "a link of another user's leads there", str(place))
    part = place.with_name(f".{place.name}.part")
    try:
        yield part
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


def is_planted(place: "Path") -> bool:
    """Whether somebody else's link stands where a file is to be written, in a folder where anybody may write.

    To follow it would let them choose what is overwritten. Linux does not follow it either, where
    ``fs.protected_symlinks`` is set (proc(5)) and the folder is sticky; a link of the folder's owner, or of root, is
    followed.
    """
    try:
        link, folder = place.lstat(), place.parent.stat()
    except OSError:
        return False
    owners = {folder.st_uid, 0}
    if sys.platform != "win32":
        owners.add(os.geteuid())
    return stat.S_ISLNK(link.st_mode) and bool(folder.st_mode & stat.S_IWOTH) and link.st_uid not in owners
