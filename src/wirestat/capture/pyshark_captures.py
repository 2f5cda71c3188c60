"""Makes pyshark captures so that pyshark runs nothing and reads no configuration.

By itself, pyshark finds tshark through ``config.ini`` in the working directory, and runs it for its version and its
list of interfaces: as root, if root captures. So each capture gets the absolute path and the version of tshark, and
is never asked for a packet.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from wirestat.capture import tshark
from wirestat.capture.needs import package
from wirestat.capture.privileges import User
from wirestat.system import is_root


def of_file(path: str, display_filter: str | None, program: str | None) -> Any:
    """Return a ``FileCapture``.

    Raises:
        Unavailable: pyshark or tshark is not installed.
    """
    capture = _blank(package("pyshark").FileCapture, display_filter, program)
    # In full: tshark would take a file named "-" for standard input.
    capture.input_filepath = Path(path).absolute()
    return tell_version(capture, program, None)


def of_pipe(pipe: int | IO[bytes], display_filter: str | None, program: str | None, user: User | None) -> Any:
    """Return a ``PipeCapture`` of an open stream; tshark runs as ``user``.

    Raises:
        Unavailable: pyshark or tshark is not installed.
    """
    capture = _blank(package("pyshark.capture.pipe_capture").PipeCapture, display_filter, program)
    capture._pipe = pipe
    return tell_version(capture, program, user)


def of_interfaces(
    names: Sequence[str], expression: str, display_filter: str | None, program: str | None, user: User | None
) -> Any:
    """Return a ``LiveCapture``; tshark runs as ``user``.

    Raises:
        Unavailable: pyshark or tshark is not installed.
    """
    capture = _blank(package("pyshark").LiveCapture, display_filter, program)
    capture.bpf_filter, capture.monitor_mode, capture.interfaces = expression, False, list(names)
    return tell_version(capture, program, user)


def tell_version(capture: Any, program: str | None, user: User | None) -> Any:
    """Answer pyshark's question for tshark's version, by running tshark as ``user``."""
    from packaging.version import parse  # a dependency of pyshark

    def version() -> Any:
        # A process that has already become that user cannot change again.
        return parse(tshark.version(program, user if is_root() else None))

    capture._get_tshark_version = version
    return capture


def _blank(sort: Any, display_filter: str | None, program: str | None) -> Any:
    """Make a capture without its own constructor.

    That of LiveCapture runs tshark for a list of interfaces; that of FileCapture takes no named pipes.
    """
    capture = sort.__new__(sort)
    # An unused event loop would conflict with the caller's.
    settings = {"display_filter": display_filter, "tshark_path": tshark.path(program), "eventloop": object()}
    package("pyshark.capture.capture").Capture.__init__(capture, **settings)
    return capture
