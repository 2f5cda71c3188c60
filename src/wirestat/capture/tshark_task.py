"""What tshark is to read and how: a file, standard input, interfaces; or what a capture of pyshark's describes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from wirestat.capture import tshark
from wirestat.capture.privileges import User
from wirestat.errors import InputError, PermissionDenied, UsageError

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
    arguments: tuple[str, ...]
    """Of tshark."""
    capturing: tuple[str, ...] = ()
    """Arguments of dumpcap, where it is what tshark reads from."""
    display_filter: str | None = None
    program: str | None = None
    """The tshark that was named."""
    stdin: int | IO[bytes] | None = None
    user: User | None = None
    """Whom tshark, and dumpcap but for the right to capture, run as where it is not who runs us."""
    is_pysharks: bool = False
    is_remote: bool = False


def of_file(path: str, display_filter: str | None, program: str | None, user: User | None) -> Task:
    """Describe the reading of a file, or of standard input.

    Raises:
        InputError: it is missing, or a directory.
        PermissionDenied: it may not be read.
    """
    shared: dict[str, Any] = {"display_filter": display_filter, "program": program, "user": user}
    wanted = ("-Y", display_filter) if display_filter else ()
    if path == STDIN:
        return Task(kind="pipe", name=path, arguments=(*wanted, "-r", STDIN), stdin=0, **shared)
    if Path(path).is_dir():
        raise InputError("directory", path, None, "is a directory")
    if user is None:
        if not Path(path).exists():
            raise InputError("missing", path, None, "no such file")
        return Task(kind="file", name=path, arguments=(*wanted, "-r", path), **shared)
    try:
        # Another user may not be allowed to open it.
        opened = Path(path).open("rb")  # noqa: SIM115  # closed by who runs the task
    except FileNotFoundError:
        raise InputError("missing", path, None, "no such file") from None
    except PermissionError:
        raise PermissionDenied(path) from None
    return Task(kind="file", name=path, arguments=(*wanted, "-r", STDIN), stdin=opened, **shared)


def of_interfaces(
    names: Sequence[str], expression: str, display_filter: str | None, program: str | None, user: User | None
) -> Task:
    """Describe a capture on interfaces."""
    filtered = ("-f", expression) if expression else ()
    cards = [word for name in names for word in ("-i", name)]
    return Task(
        kind="live",
        name=", ".join(names),
        arguments=(*(("-Y", display_filter) if display_filter else ()), "-r", STDIN),
        capturing=("-q", *filtered, *cards, "-w", STDIN),
        display_filter=display_filter,
        program=program,
        user=user,
    )


def of_pyshark(capture: Any) -> Task:
    """Take over what a capture of pyshark's describes, preferences and keys included.

    Raises:
        Unavailable: tshark is not installed.
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
    _tell_version(capture, tshark.version(program))
    arguments = list(capture.get_parameters())
    capturing: list[str] = []
    if kind == "live":
        arguments[arguments.index("-i") : arguments.index("-i") + 2] = ["-r", STDIN]
        capturing = capture._get_dumpcap_parameters()
    pipe = getattr(capture, "_pipe", None)
    names = {"file": lambda: str(capture.input_filepath), "pipe": lambda: STDIN}
    return Task(
        kind=kind,
        name=names.get(kind, lambda: ", ".join(capture.interfaces))(),
        arguments=tuple(arguments),
        capturing=tuple(capturing),
        display_filter=getattr(capture, "_display_filter", None),
        program=program,
        stdin=pipe if pipe is None or isinstance(pipe, int) else int(pipe.fileno()),
        is_pysharks=True,
        is_remote=sort == "RemoteCapture",
    )


def _tell_version(capture: Any, version: str) -> None:
    """Tell pyshark which tshark there is: it would run whatever ``config.ini`` of the working directory names."""
    from packaging.version import parse  # pyshark brings it along

    capture._get_tshark_version = lambda: parse(version)
