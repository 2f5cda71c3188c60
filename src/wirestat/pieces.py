"""A capture in pieces, each read by another process: what comes out is what one reader of all would have come to.

Everything that goes from one process to another is bytes, and means nothing outside of the core. In this order:

1. :func:`survey` reads each piece for what has to be known of it elsewhere;
2. :func:`plan` finds out from all surveys which 4-tuples are in more than one piece;
3. :func:`track` reads each piece again and tracks the others; what is left goes into parts, by 4-tuple;
4. :func:`track_rest` tracks one part of what is left of all pieces;
5. :func:`whole` puts together one table of all.
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
"""There is no room for all of it, and what gives way depends on the whole: one process has to read all."""


class Survey(msgspec.Struct, frozen=True):
    """A piece before it is tracked."""

    known: bytes
    captures: tuple[Capture, ...]
    """Its files, with their defects."""
    first_ns: int | None
    """When its first frame was captured, in Unix ns; ``None`` where it has none."""
    last_ns: int | None
    """When its last frame was captured."""
    latest_ns: int | None
    """The latest time of a frame."""


class Plan(msgspec.Struct, frozen=True):
    """How pieces are tracked so that all of them together make a whole."""

    orders: tuple[bytes, ...]
    """The timer profile that each piece is tracked by."""
    head: bytes
    """Facts about the whole, beside connections."""
    parts: int
    """In how many parts what is left of pieces is tracked, beside the last, which goes to the whole."""
    keys: int
    """4-tuples."""
    crossing: int
    """Those among them that are in several pieces."""


class Tracked(msgspec.Struct, frozen=True):
    """The result of a piece."""

    parcel: bytes
    """Its own connections."""
    left: tuple[bytes, ...]
    """The connections that are left, in parts."""


def survey(captures: Sequence[str | Stretch]) -> Survey:
    """Read a piece, of one file or of several that overlap, for what has to be known of it elsewhere.

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
    """Make a plan of the surveys of all pieces, which are given in the order of time.

    Raises:
        Crowded: there is no room for all that has to be known.
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
    """Track the same part of what is left of all pieces, given in their order; returns connections.

    Raises:
        Crowded: connections had to go for want of room.
    """
    return _core.track_rest(list(left), head, by_core(timers), **_room(limits))


def whole(
    head: bytes, left: Sequence[bytes], parcels: Iterable[bytes], timers: Timers, limits: Limits
) -> Tracker:
    """Put together the table of all: of the last part of what is left of pieces, and of all connections.

    Raises:
        Crowded: one table that had read all would have had to let connections go.
    """
    table = _core.Whole(head, list(left), by_core(timers), **_room(limits))
    for parcel in parcels:
        table.add(parcel)
    return Tracker.around(table.finish())


def _room(limits: Limits) -> dict[str, int]:
    return {"max_connections": limits.max_connections, "max_bytes": limits.max_bytes}
