"""The nouns of the witness's machine: the tables and numbers by which the tracker infers states.

They are written down in the core, in ``src/core/tcp/machine``, and know nothing of what RFC 9293 draws.
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
    """A presumption about it is disproved, with all that was built upon it."""
    UNDO_TIMER = "undo timer"
    """A state that a timer was taken to have ended goes on."""


class Row(msgspec.Struct, frozen=True):
    """One row of the table: in any of these states, this cue has this effect, because."""

    states: tuple[State, ...]
    cue: Cue
    effect: Effect
    to: State | None
    """The state entered."""
    evidence: Evidence | None
    """How the change to it is known."""
    cause: Cue | None
    """The cue from which the confirmed or undone change was presumed."""
    because: str
    """Why, in a sentence."""


class Alternative(msgspec.Struct, frozen=True):
    """One row of the second table: in any of these states, on this condition, an end may as well be in another."""

    states: tuple[State, ...]
    when: str
    """The condition, in words."""
    other: State | None
    """The other state; ``None`` stands for those that the end has left, or was taken to have left."""
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
    TICKS = "ticks"
    """Of a duration."""


class Threshold(msgspec.Struct, frozen=True):
    """A number that inference compares with, beside the timers of a profile."""

    name: str
    unit: Unit
    value: int
    """In that unit."""
    why: str
    """Why there is such a number, in a sentence."""
    source: str
    """A section of an RFC, the default of a stack, or ``judgement`` with what speaks for it."""


class Machine(msgspec.Struct, frozen=True):
    """All that the tracker decides by."""

    rows: tuple[Row, ...]
    alternatives: tuple[Alternative, ...]
    thresholds: tuple[Threshold, ...]
