"""The records of a comparison of several captures of the same traffic, taken at different points.

Points are numbered in the order in which their captures were given. A stage is the stretch between two points in
the direction of travel. Times are nanoseconds since the Unix epoch by the clock of the first capture, unless a name
says otherwise; frame numbers are those of each capture.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from wirestat.model import Side


class Fate(StrEnum):
    """The fate of a segment on its way."""

    ARRIVED = "arrived"
    """It was captured at both ends of the way."""
    LOST = "lost"
    """It was captured before the stage but not behind it."""
    INJECTED = "injected"
    """It was captured behind the stage but not before it: something on the way sent it."""
    DUPLICATED = "duplicated"
    """A copy, made in the stage, of a segment that arrived as well."""
    MISSED = "missed"
    """It passed a point that did not capture it."""
    OUTSIDE = "outside"
    """The other capture had ended, or not begun, when it would have passed there."""
    TWICE = "captured twice"
    """The capture before the stage holds the packet twice."""


class Clock(msgspec.Struct, frozen=True):
    """A capture's clock relative to that of the capture before it."""

    anchor_ns: int
    """The instant, by this clock, at which the offset holds."""
    offset_ns: int
    """How far this clock is ahead of the other."""
    drift: float
    """The drift, as a ratio: 1e-6 is a microsecond per second."""
    uncertainty_ns: int | None
    """The uncertainty of the offset: half the shortest round trip. ``None`` if only one direction was captured at
    both points; then the shortest delay counts as zero."""
    stepped: bool
    """Whether no steady drift explains the times: one of the clocks was set."""
    samples: int
    """The number of segments behind this estimate."""


class Point(msgspec.Struct, frozen=True):
    """One of the captures, as a place on the path."""

    name: str
    frames: int
    segments: int
    kept: int
    """Segments that were compared."""
    beyond: int
    """Segments beyond the limit: their connections were not compared."""
    first_time_ns: int | None
    """By its own clock."""
    last_time_ns: int | None
    """By its own clock."""
    clock: Clock | None
    """``None`` for the first, and if nothing was captured at both points."""


class Delays(msgspec.Struct, frozen=True):
    """One-way delays in ns; quantiles are exact to three hundredths."""

    count: int
    least: int | None
    median: int | None
    p95: int | None
    p99: int | None
    most: int | None


class Change(msgspec.Struct, frozen=True):
    """One change to a segment; an absent value is ``None``."""

    field: str
    """``mss``, ``window-scale``, ``sack-permitted``, ``timestamps``, ``timestamp-value``, ``fast-open``, ``window``,
    ``flags``, ``sequence-numbers``, ``ip-id`` or ``ttl``."""
    before: int | None
    behind: int | None


class Changed(msgspec.Struct, frozen=True):
    """A field that was changed in a stage: how often, and the first case."""

    count: int
    frame: int
    """The first case, in the capture before the stage."""
    change: Change


class Stage(msgspec.Struct, frozen=True):
    """The stretch between two points in the direction of travel, and what happened in it."""

    before: int
    behind: int
    entered: Mapping[str, int]
    """Segments by kind: ``SYN``, ``SYN-ACK``, ``RST``, ``FIN``, ``data``, ``ACK``."""
    fates: Mapping[Fate, Mapping[str, int]]
    """By fate and kind."""
    reordered: int
    delayed: int
    in_pieces: int
    """Segments split or merged, as offloading adapters do."""
    delays: Delays
    changes: tuple[Changed, ...]

    def total(self, fate: Fate) -> int:
        """Count the segments of all kinds."""
        return sum(self.fates.get(fate, {}).values())


class Names(msgspec.Struct, frozen=True):
    """The addresses and ports of a connection at one point."""

    client_address: str
    client_port: int
    server_address: str
    server_port: int
    client_isn: int | None
    server_isn: int | None


class Sight(msgspec.Struct, frozen=True):
    """A segment as one capture holds it."""

    point: int
    frame: int
    own_time_ns: int
    """By that capture's own clock."""
    time_ns: int
    ttl: int


class Leg(msgspec.Struct, frozen=True):
    """A stage that a segment passed."""

    before: int
    behind: int
    delay_ns: int
    reordered: bool
    """Something sent after it arrived before it."""
    delayed: bool
    """It took far longer than usual."""
    changes: tuple[Change, ...]


class Passage(msgspec.Struct, frozen=True):
    """One segment on its way."""

    sender: Side
    """The sender, or the claimed sender."""
    fate: Fate
    before: int
    """The points before and behind the place where that happened; equal if nothing happened."""
    behind: int
    kind: str
    flags: int
    """Control bits as in the header."""
    seq: int
    """Relative to the sender's initial sequence number, or to the first one captured."""
    ack: int | None
    payload: int
    in_pieces: bool
    sights: tuple[Sight, ...]
    legs: tuple[Leg, ...]

    @property
    def time_ns(self) -> int:
        """When it was first captured."""
        return min(sight.time_ns for sight in self.sights)


class Crossing(msgspec.Struct, frozen=True):
    """One connection at all points."""

    id: int
    known_by: str
    """How it was matched from point to point."""
    backward: bool
    """Its client is at the far end of the path."""
    names: tuple[Names | None, ...]
    """By point; ``None`` if the capture has nothing of it."""
    passages: tuple[Passage, ...]
    """In the order of their times."""
    beyond: int
    """Passages left out."""
    path: tuple[int, ...]
    """The points from the client to the server."""


class Comparison(Protocol):
    """The result of reading several captures together."""

    @property
    def points(self) -> tuple[Point, ...]:
        """The captures in the order given."""

    @property
    def path(self) -> tuple[int, ...]:
        """The points from the clients' side to the servers'."""

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Losses, delays and changes between the points."""

    @property
    def presence(self) -> Mapping[tuple[int, ...], int]:
        """How many connections were captured at exactly these points."""

    @property
    def known_by(self) -> Mapping[str, int]:
        """How connections captured at several points were matched."""

    @property
    def torn(self) -> int:
        """Connections that were not compared, as some of their segments were beyond the limit."""

    @property
    def backward(self) -> int:
        """Connections whose client is at the far end of the path."""

    def troubled(self, limit: int) -> tuple[Sequence[int], int]:
        """Return the ids of connections with an incident between the points, and their number."""

    def with_injected(self, limit: int) -> Sequence[int]:
        """Return the ids of connections with a segment injected on the way, up to a limit."""

    def crossing(self, id: int) -> Crossing:
        """Return one connection with all of its segments.

        Raises:
            KeyError: it is unknown.
        """


def share_nothing(comparison: Comparison) -> bool:
    """Whether several points hold connections, and no two of them the same one.

    Either everything was lost between them, or they captured different traffic, or at different times.
    """
    return len(comparison.presence) > 1 and all(len(points) == 1 for points in comparison.presence)
