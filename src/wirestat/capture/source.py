"""The interface that every source of packets has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from wirestat.model import Capture

if TYPE_CHECKING:
    from wirestat import _core

LATEST_NS = (1 << 63) - 1
"""The latest time, in Unix ns: times have 64 bits, and what a broken clock gives is taken for no later."""

Progress = Callable[[int, int | None], bool]
"""Called now and then with the bytes read and, where known, the bytes there are; answers whether to go on."""


class Source(Protocol):
    """Where packets come from. All end in the same flow table, whatever they are."""

    def drain(self, core: _core.Tracker, progress: Progress | None = None) -> bool:
        """Hand every packet to the tracker's core. ``False`` where ``progress`` stopped it before the end."""

    def captures(self) -> tuple[Capture, ...]:
        """Return what there is to say about each capture, as far as it has been read."""

    def close(self) -> None:
        """Let go of files, sockets and processes; more than once does no harm."""
