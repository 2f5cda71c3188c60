"""A capture in pieces, each read by another process: the result equals that of one process reading all of it.

Processes exchange only bytes, which only the core can interpret. The order:

1. :func:`survey` reads each piece for what other pieces need to know;
2. :func:`plan` finds out from all surveys which 4-tuples are in more than one piece;
3. :func:`track` reads each piece again and tracks the other 4-tuples; the rest goes into parts, by 4-tuple;
4. :func:`track_rest` tracks one part of the rest of all pieces;
5. :func:`whole` assembles one table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from wirestat import _core
from wirestat.capture.native import NativeSource, Stretch
from wirestat.model import Capture
from wirestat.timers import Timers
from wirestat.tracker import Limits, Tracker, by_core

Crowded = _core.Crowded
"""There is no room for all connections, and which are evicted depends on the whole: one process must read all."""


class Survey(msgspec.Struct, frozen=True):
    """A piece before it is tracked."""

    known: bytes
    captures: tuple[Capture, ...]
    """Its files, with their defects."""
    first_ns: int | None
    """When its first frame was captured, in Unix ns; ``None`` without frames."""
    last_ns: int | None
    """When its last frame was captured."""
    latest_ns: int | None
    """The latest time of a frame."""


class Plan(msgspec.Struct, frozen=True):
    """How pieces are tracked so that together they make the whole."""

    orders: tuple[bytes, ...]
    """The timer profile that each piece is tracked by."""
    head: bytes
    """Facts about the whole capture, apart from connections."""
    parts: int
    """The number of parts in which the rest is tracked, without the last, which goes to the whole."""
    keys: int
    """4-tuples."""
    crossing: int
    """Those of them that are in several pieces."""


class Tracked(msgspec.Struct, frozen=True):
    """The result of a piece."""

    parcel: bytes
    """Its own connections."""
    left: tuple[bytes, ...]
    """The rest, in parts."""


def survey(captures: Sequence[str | Stretch]) -> Survey:
    """Read a piece, of one file or of several that overlap, for what other pieces need to know.

    Raises:
        InputError: no file of it can be read.
        PermissionDenied: its only file may not be read.
    """
    surveyor = _core.Surveyor()
    source = NativeSource(captures)
    source.drain(surveyor)
    known, times = surveyor.finish()
    return Survey(known, source.captures(), *times)


def plan(surveys: Iterable[Survey], parts: int) -> Plan:
    """Make a plan from the surveys of all pieces, in the order of time.

    Raises:
        Crowded: the surveys do not fit.
    """
    orders, head, keys, crossing = _core.plan_pieces([one.known for one in surveys], parts)
    return Plan(tuple(orders), head, parts, keys, crossing)


def track(captures: Sequence[str | Stretch], orders: bytes, timers: Timers, limits: Limits) -> Tracked:
    """Track a piece.

    Raises:
        Crowded: connections had to go for want of room.
        InputError: no file of it can be read.
        PermissionDenied: its only file may not be read.
    """
    piece = _core.Piece(orders, by_core(timers), **_room(limits))
    NativeSource(captures).drain(piece)
    parcel, left = piece.finish()
    return Tracked(parcel, tuple(left))


def track_rest(left: Sequence[bytes], head: bytes, timers: Timers, limits: Limits) -> bytes:
    """Track the same part of the rest of all pieces, given in their order; returns connections.

    Raises:
        Crowded: connections had to go for want of room.
    """
    return _core.track_rest(list(left), head, by_core(timers), **_room(limits))


def whole(
    head: bytes, left: Sequence[bytes], parcels: Iterable[bytes], timers: Timers, limits: Limits
) -> Tracker:
    """Assemble the whole table from the last part of the rest, and from all connections.

    Raises:
        Crowded: a single table would have had to evict connections.
    """
    table = _core.Whole(head, list(left), by_core(timers), **_room(limits))
    for parcel in parcels:
        table.add(parcel)
    return Tracker.around(table.finish())


def _room(limits: Limits) -> dict[str, int]:
    return {"max_connections": limits.max_connections, "max_bytes": limits.max_bytes}
