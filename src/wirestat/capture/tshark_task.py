"""A task for tshark: what to read and how, described by a pyshark capture, ours or the caller's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from wirestat.capture import privileges, pyshark_captures
from wirestat.capture.privileges import User
from wirestat.errors import InputError, PermissionDenied, UsageError
from wirestat.system import is_root

Kind = Literal["file", "pipe", "live"]
_KINDS: dict[str, Kind] = {
    "FileCapture": "file",
    "PipeCapture": "pipe",
    "LiveCapture": "live",
    "RemoteCapture": "live",
}
STDIN = "-"


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One capture."""

    kind: Kind
    name: str
    capture: Any
    """The pyshark capture: it describes the input, and is never iterated over."""
    program: str | None = None
    """The named tshark."""
    stdin: int | IO[bytes] | None = None
    user: User | None = None
    """The user of tshark, and of dumpcap with capture rights; ``None`` for the current user."""
    is_remote: bool = False

    @property
    def display_filter(self) -> str | None:
        """The display filter, if any."""
        return getattr(self.capture, "_display_filter", None)

    def arguments(self) -> list[str]:
        """Have pyshark build the parameters of tshark, which reads from dumpcap if that captures."""
        words = list(self.capture.get_parameters())
        if self.kind == "live":
            place = words.index("-i")
            words[place : place + 2] = ["-r", STDIN]
        elif self.kind == "file" and self.stdin is not None:
            words[words.index("-r") + 1] = STDIN  # it is open already
        return words

    def capturing(self) -> list[str]:
        """Have pyshark build the parameters of dumpcap; none without a live capture."""
        return list(self.capture._get_dumpcap_parameters()) if self.kind == "live" else []


def of_file(path: str, display_filter: str | None, program: str | None, user: User | None) -> Task:
    """Describe the reading of a file, or of standard input.

    Raises:
        InputError: it is missing, or a directory.
        PermissionDenied: it may not be read.
        Unavailable: pyshark is not installed.
    """
    if path == STDIN:
        piped = pyshark_captures.of_pipe(0, display_filter, program, user)
        return Task(kind="pipe", name=path, capture=piped, stdin=0, program=program, user=user)
    if Path(path).is_dir():
        raise InputError("directory", path, None, "is a directory")
    if user is None:
        if not Path(path).exists():
            raise InputError("missing", path, None, "no such file")
        read = pyshark_captures.of_file(path, display_filter, program)
        return Task(kind="file", name=path, capture=read, program=program)
    opened = _opened(path)
    piped = pyshark_captures.of_pipe(opened, display_filter, program, user)
    return Task(kind="file", name=path, capture=piped, stdin=opened, program=program, user=user)


def of_interfaces(
    names: Sequence[str], expression: str, display_filter: str | None, program: str | None, user: User | None
) -> Task:
    """Describe a capture on interfaces.

    Raises:
        Unavailable: pyshark is not installed.
    """
    capture = pyshark_captures.of_interfaces(names, expression, display_filter, program, user)
    return Task(kind="live", name=", ".join(names), capture=capture, program=program, user=user)


def of_pyshark(capture: Any) -> Task:
    """Take over the description of a pyshark capture, preferences and keys included.

    For root, tshark runs as nobody, who must be able to read the files that preferences and keys name.

    Raises:
        InputError: its file is missing.
        PermissionDenied: its file may not be read.
        UsageError: pyshark has captures of that kind, but they cannot be tracked.
    """
    sort = type(capture).__name__
    if sort not in _KINDS:
        raise UsageError(
            f"a {sort} cannot be tracked",
            hint="hand over a FileCapture, LiveCapture, RemoteCapture or PipeCapture of pyshark",
        )
    kind = _KINDS[sort]
    program = os.path.abspath(capture.tshark_path) if capture.tshark_path else None  # noqa: PTH100  # links stay
    user = privileges.nobody() if is_root() else None
    pyshark_captures.tell_version(capture, program, user)
    pipe = getattr(capture, "_pipe", None)
    stdin: int | IO[bytes] | None = pipe if pipe is None or isinstance(pipe, int) else int(pipe.fileno())
    if kind == "file" and user is not None:
        stdin = _opened(str(capture.input_filepath))
    names = {"file": lambda: str(capture.input_filepath), "pipe": lambda: STDIN}
    return Task(
        kind=kind,
        name=names.get(kind, lambda: ", ".join(capture.interfaces))(),
        capture=capture,
        program=program,
        stdin=stdin,
        user=user,
        is_remote=sort == "RemoteCapture",
    )


def _opened(path: str) -> IO[bytes]:
    """Open a file for tshark, whose user may not be allowed to.

    Raises:
        InputError: it is missing, or a directory.
        PermissionDenied: it may not be read.
    """
    try:
        return Path(path).open("rb")  # closed by who runs the task
    except FileNotFoundError:
        raise InputError("missing", path, None, "no such file") from None
    except IsADirectoryError:
        raise InputError("directory", path, None, "is a directory") from None
    except PermissionError:
        raise PermissionDenied(path) from None
