"""The records of the witness's machine: the tables and thresholds by which the tracker infers states.

The core defines them, in ``src/core/tcp/machine``, independently of RFC 9293's diagram.
"""

from enum import StrEnum

import msgspec

from wirestat.model import Evidence, State
from wirestat.vocabulary import Cue


class Effect(StrEnum):
    """The effects that a cue can have on an end."""

    ENTER = "enter"
    """It enters a state."""
    CONFIRM = "confirm"
    """A presumption about it is proven."""
    UNDO = "undo"
    """A presumption about it is disproved, with everything built on it."""
    UNDO_TIMER = "undo timer"
    """A state that seemed to have timed out goes on."""


class Row(msgspec.Struct, frozen=True):
    """One row of the table: states, cue, effect, reason."""

    states: tuple[State, ...]
    cue: Cue
    effect: Effect
    to: State | None
    """The state entered."""
    evidence: Evidence | None
    """How the change to it is known."""
    cause: Cue | None
    """The cue that led to the presumed change, which is now confirmed or retracted."""
    because: str
    """Why, in a sentence."""


class Alternative(msgspec.Struct, frozen=True):
    """One row of the second table: in these states, on this condition, an end may also be in another state."""

    states: tuple[State, ...]
    when: str
    """The condition, in words."""
    other: State | None
    """The other state; ``None`` stands for a state that the end has left, or seemed to have left."""
    because: str
    """Why, in a sentence."""


class Unit(StrEnum):
    """The unit of a threshold."""

    NS = "ns"
    OCTETS = "octets"
    TIMES = "times"
    PACKETS = "packets"
    """Steps of the IPv4 identification."""
    BITS = "bits"
    HOPS = "hops"
    QUARTERS = "quarters"
    """Quarters of a duration."""
    TICKS = "ticks"
    """Ticks of a sender's time stamps."""
    PORT = "port"
    """The number of a port."""


class Threshold(msgspec.Struct, frozen=True):
    """A threshold of the inference, apart from the timers of a profile."""

    name: str
    unit: Unit
    value: int
    """In that unit."""
    why: str
    """Why the threshold exists, in a sentence."""
    source: str
    """A section of an RFC, the default of a stack, or ``judgement`` with the reason."""


class Machine(msgspec.Struct, frozen=True):
    """All tables and thresholds of the tracker."""

    rows: tuple[Row, ...]
    alternatives: tuple[Alternative, ...]
    thresholds: tuple[Threshold, ...]
