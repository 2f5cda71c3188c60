"""The choice of engines; each is imported on use."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from wirestat.errors import UsageError

if TYPE_CHECKING:
    from wirestat import _core
    from wirestat.capture.live import LiveOptions
    from wirestat.capture.privileges import User
    from wirestat.capture.source import Source

Engine = Literal["native", "scapy", "pyshark"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


def files(
    engine: Engine,
    paths: Sequence[str | os.PathLike[str]],
    *,
    display_filter: str | None = None,
    tshark: str | None = None,
) -> Source:
    """Open capture files with an engine.

    Raises:
        InputError: they cannot be read.
        PermissionDenied: they may not be read.
        Unavailable: the engine is not installed.
        UsageError: there are no files, the engine is unknown, or it has no display filters and got one.
    """
    if not paths:
        raise UsageError("no capture named")
    if engine not in ENGINES:
        raise UsageError(f"unknown engine {engine!r}", hint=f"engines: {', '.join(ENGINES)}")
    if engine == "pyshark":
        from wirestat.capture import pyshark_engine

        return pyshark_engine.of_files(paths, display_filter, tshark)
    _reject_display_filter(engine, display_filter)
    if engine == "scapy":
        from wirestat.capture.scapy_engine import ScapySource

        return ScapySource(paths)
    from wirestat.capture.native import NativeSource

    return NativeSource(paths)


def interfaces(
    engine: Engine,
    names: Sequence[str],
    options: LiveOptions,
    *,
    display_filter: str | None = None,
    tshark: str | None = None,
    user: User | None = None,
) -> Source:
    """Open interfaces with an engine; systems other than Linux use scapy.

    Raises:
        PermissionDenied: capturing takes privileges.
        Unavailable: the engine is not installed.
        UsageError: there is no such interface, or a filter is invalid.
    """
    if engine == "pyshark":
        from wirestat.capture import pyshark_engine

        return pyshark_engine.of_interfaces(names, options.expression, display_filter, tshark, user)
    _reject_display_filter(engine, display_filter)
    if engine == "scapy" or not sys.platform.startswith("linux"):
        from wirestat.capture.scapy_live import ScapyLiveSource

        return ScapyLiveSource(names, options)
    from wirestat.capture.live import LiveSource

    return LiveSource(names, options)


def packets(of: Iterable[Any]) -> Source:
    """Take packets of scapy, or a capture of pyshark.

    Raises:
        Unavailable: tshark is not installed.
        UsageError: pyshark has captures of that kind, but they cannot be tracked.
    """
    if type(of).__module__.startswith("pyshark."):
        from wirestat.capture import pyshark_engine

        return pyshark_engine.of_capture(of)
    from wirestat.capture.scapy_engine import PacketSource

    return PacketSource(of)


def apply_filter(core: _core.Tracker, engine: Engine, expression: str) -> None:
    """Have the core filter every frame of files by a tcpdump expression.

    Raises:
        UsageError: it is invalid, or the engine does not pass frames to the core.
    """
    if not expression:
        return
    if engine == "pyshark":
        raise UsageError(
            "tshark applies no capture filter to files", hint="use --display-filter, or -Y on connections"
        )
    from wirestat.capture.filters import by_link_type

    core.filter(by_link_type(expression))


def _reject_display_filter(engine: Engine, display_filter: str | None) -> None:
    if display_filter:
        raise UsageError(
            f"the engine {engine} has no display filters",
            hint="--engine pyshark has, or use -f with a BPF expression",
        )
