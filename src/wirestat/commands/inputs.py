"""The captures that a command line names, looked at before any is read."""

import os
import sys
from collections.abc import Sequence

from wirestat.commands.known import VERBS
from wirestat.errors import InputError, PermissionDenied, UsageError

STDIN = "-"
_OTHER_FILES = 64
"""Files that are open beside the captures."""


def checked(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names if every one of them can be opened.

    Raises:
        UsageError: there is none, or standard input is named twice.
        InputError: one does not exist or is a directory.
        PermissionDenied: one may not be read.
    """
    if not names:
        raise UsageError("no capture named", hint="name one or more files, or '-' for standard input")
    if names.count(STDIN) > 1:
        raise UsageError("standard input can be read only once")
    for name in names:
        if name != STDIN:
            _check(name)
    _make_room(len(names))
    return tuple(names)


def _make_room(captures: int) -> None:
    """Let so many files be open at once, as far as may be: those that overlap in time are read together."""
    if sys.platform == "win32":
        return  # there is no such limit
    wanted = captures + _OTHER_FILES
    most = os.sysconf("SC_OPEN_MAX")  # without a limit -1
    if most < 0 or wanted <= most:
        return
    import resource  # here, because few captures are no more than may be open

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _check(name: str) -> None:
    if not os.path.exists(name):
        from difflib import get_close_matches

        error = InputError("missing", name, None, "no such file")
        if name == "help":
            error.hint = "'wirestat --help' says what there is, 'wirestat VERB --help' what a verb takes"
        elif verb := get_close_matches(name, VERBS, n=1):
            error.hint = f"if a verb was meant: 'wirestat {verb[0]}'"
        raise error
    if os.path.isdir(name):
        raise InputError("directory", name, None, "is a directory")
    if not os.access(name, os.R_OK):
        raise PermissionDenied(name)
