"""The interface that every source of packets has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from wirestat.model import Capture

if TYPE_CHECKING:
    from wirestat import _core

LATEST_NS = (1 << 63) - 1
"""The latest time, in Unix ns: times have 64 bits, and those of a broken clock are clamped."""

Progress = Callable[[int, int | None], bool]
"""Called now and then with the bytes read and, if known, the total; returns whether to go on."""


class Source(Protocol):
    """A source of packets. All feed the same flow table."""

    def drain(self, core: _core.Tracker, progress: Progress | None = None) -> bool:
        """Hand every packet to the tracker's core. ``False`` where ``progress`` stopped it before the end."""

    def captures(self) -> tuple[Capture, ...]:
        """Return each capture with its counts and defects so far."""

    def close(self) -> None:
        """Release files, sockets and processes; may be called more than once."""
