"""The captures that a command line names, checked before any is read."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wirestat.commands.known import VERBS
from wirestat.errors import InputError, PermissionDenied, UsageError

if TYPE_CHECKING:
    from wirestat.commands.voice import Voice

STDIN = "-"
_ALIKE = 0.75
"""Minimum similarity of a word to the verb it may be meant for: "netsat" has it, "trace" for "interfaces" not."""
_OF_TCPDUMP = frozenset(
    (
        "tcp",
        "udp",
        "icmp",
        "ip",
        "ip6",
        "arp",
        "vlan",
        "host",
        "net",
        "port",
        "portrange",
        "src",
        "dst",
        "not",
    )
)
"""First words of tcpdump's filters, which tcpdump takes after its options."""
_OTHER_FILES = 64
"""Open files beside the captures, allowed for in the limit."""


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
    for place, name in enumerate(names):
        if name != STDIN:
            _check(name, names[place:])
    _make_room(len(names))
    return tuple(names)


def as_one(names: Sequence[str], voice: Voice) -> tuple[str, ...]:
    """Return the names of captures that are read as one, each once, if all can be opened.

    Raises:
        as :func:`checked`.
    """
    return checked(_once(names, voice))


def _once(names: Sequence[str], voice: Voice) -> tuple[str, ...]:
    """Leave out files that are named twice, by any name, and say so: their frames would look like duplicates."""
    if len(names) < 2:
        return tuple(names)
    kept: dict[tuple[int, int] | str, str] = {}
    for name in names:
        file = _file(name)
        if file is None or file not in kept:
            kept[file or f"{len(kept)}"] = name
            continue
        known = kept[file]
        same = "it is named twice" if name == known else f"it is the same file as {known}"
        voice.warning(f"{name} is read once: {same}")
    return tuple(kept.values())


def _file(name: str) -> tuple[int, int] | None:
    """Return the identity of a regular file; ``None`` for anything else, or if it is missing."""
    try:
        found = os.stat(name)
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) and name != STDIN else None


def _make_room(captures: int) -> None:
    """Raise the limit of open files as far as allowed: files that overlap in time are read together."""
    if sys.platform == "win32":
        return  # there is no such limit
    wanted = captures + _OTHER_FILES
    most = os.sysconf("SC_OPEN_MAX")  # without a limit -1
    if most < 0 or wanted <= most:
        return
    import resource  # imported here, as few captures never reach the limit

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _hint(name: str, following: Sequence[str]) -> str | None:
    """Say what may have been meant by the name of a file that is missing, and the words that follow it."""
    from difflib import get_close_matches

    if name == "help":
        return "'wirestat --help' lists the verbs, 'wirestat VERB --help' the options of one"
    if name in _OF_TCPDUMP:
        return f"a tcpdump filter goes to -f: -f {shlex.quote(' '.join(following))}"
    if "/" not in name and os.path.exists(f"/sys/class/net/{name}"):
        return f"it is an interface: 'sudo wirestat live -i {name}' captures there"
    verb = get_close_matches(name, VERBS, n=1, cutoff=_ALIKE)
    return f"if a verb was meant: 'wirestat {verb[0]}'" if verb else None


def _check(name: str, following: Sequence[str]) -> None:
    if not os.path.exists(name):
        error = InputError("missing", name, None, "no such file")
        error.hint = _hint(name, following)
        raise error
    if os.path.isdir(name):
        directory = InputError("directory", name, None, "is a directory")
        directory.hint = (
            "'wirestat batch DIR -o RESULTS' reads each capture by itself; 'wirestat DIR/*' reads all as one"
        )
        raise directory
    if not os.access(name, os.R_OK):
        raise PermissionDenied(name)
