"""A folder of output files, which all appear at the end, or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from wirestat.commands.output import beside, create, naming, reason
from wirestat.errors import PermissionDenied, UsageError


class Folder:
    """The folder: each file is written beside its place, and all are moved there at the end."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        """Write into ``path``; the files are moved to their places when ``stack`` is closed."""
        self._path = path
        self._stack = stack

    def file(self, name: str) -> BinaryIO:
        """Open a file for writing."""
        target = self._path / name
        return create(self._stack.enter_context(beside(target)), "xb", named=target)


@contextmanager
def filled(path: Path) -> Iterator[Folder]:
    """Create the folder if needed, before anything is read, and return it for filling.

    Raises:
        UsageError: it cannot be made.
        PermissionDenied: it may not be made, or not be written in.
    """
    is_new = not path.exists()
    try:
        path.mkdir(exist_ok=True)
    except PermissionError:
        raise PermissionDenied(str(path)) from None
    except OSError as error:
        raise UsageError(f"cannot make the folder {path}: {reason(error)}") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise PermissionDenied(str(path))
    try:
        with naming(path), ExitStack() as stack:
            yield Folder(path, stack)
    except BaseException:
        # A sandbox may prevent its removal; the earlier error is the one to report.
        with suppress(OSError):
            if is_new and not any(path.iterdir()):
                path.rmdir()
        raise
