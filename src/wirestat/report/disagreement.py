"""Differences between wire and kernel, as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from wirestat.beside import Difference


class Disagreement(msgspec.Struct, frozen=True):
    """A difference between wire and kernel that begins to last, or is over."""

    change: Literal["opened", "closed"]
    time_ns: int
    difference: Difference
    socket: str
    explanation: str


def fields(one: Difference) -> dict[str, object]:
    """Return a difference as data."""
    return {
        "connection": one.connection,
        "side": one.side.value,
        "wire": one.wire.value,
        "kernel": one.kernel and one.kernel.value,
        "since_ns": one.since_ns,
    }
