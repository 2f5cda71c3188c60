"""Mutations: the record of another tap of the same traffic, one function each.

Each takes the frames of a capture, in order of time, and a seeded random source, and gives frames in order of time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from tests.lab.pcap import Record
from tests.packets.files import Frame

MILLISECOND = 1_000_000
COPY_AFTER_NS = 20_000
"""The time after which a mirror port of both directions records a frame again."""
SNAPLEN = 54
"""Ethernet, IPv4 and TCP without options: some taps keep no more."""

Change = Callable[[list[Record], frozenset[int], Random], list[Frame]]
"""Takes the frames, and the positions of those that the clients sent."""


@dataclass(frozen=True)
class Mutation:
    """One worse tap."""

    name: str
    change: Change
    late_ns: int = 0
    """The maximum delay of a recorded frame."""


def _recorded(records: list[Record]) -> list[Frame]:
    return [(time_ns, len(raw), raw) for time_ns, raw in records]


def as_recorded(records: list[Record], _clients: frozenset[int], _random: Random) -> list[Frame]:
    return _recorded(records)


def reorder(records: list[Record], _clients: frozenset[int], random: Random, *, by_ns: int) -> list[Frame]:
    """Record each frame with a delay up to this, as a tap with several queues does."""
    late = [(time_ns + random.randrange(by_ns), raw) for time_ns, raw in records]
    return _recorded(sorted(late, key=lambda record: record[0]))


def lose(records: list[Record], _clients: frozenset[int], random: Random, *, share: float) -> list[Frame]:
    """Miss this share of the frames, at random."""
    return _recorded([record for record in records if random.random() >= share])


def one_way(
    records: list[Record], clients: frozenset[int], _random: Random, *, of_client: bool
) -> list[Frame]:
    """Record only what one side sends."""
    return _recorded([record for i, record in enumerate(records) if (i in clients) == of_client])


def begin(records: list[Record], _clients: frozenset[int], _random: Random, *, at: float) -> list[Frame]:
    """Begin after this share of the frames."""
    return _recorded(records[int(len(records) * at) :])


def double(records: list[Record], _clients: frozenset[int], _random: Random) -> list[Frame]:
    """Record every frame twice."""
    copies = [(time_ns + COPY_AFTER_NS, raw) for time_ns, raw in records]
    return _recorded(sorted([*records, *copies], key=lambda record: record[0]))


def snap(records: list[Record], _clients: frozenset[int], _random: Random) -> list[Frame]:
    """Keep the first bytes of each frame."""
    return [(time_ns, len(raw), raw[:SNAPLEN]) for time_ns, raw in records]


MUTATIONS = (
    Mutation("as recorded", as_recorded),
    Mutation("doubled", double, COPY_AFTER_NS),
    Mutation("snaplen 54", snap),
    Mutation("begun at 25 %", partial(begin, at=0.25)),
    Mutation("begun at 50 %", partial(begin, at=0.5)),
    Mutation("begun at 75 %", partial(begin, at=0.75)),
    Mutation("client's direction", partial(one_way, of_client=True)),
    Mutation("server's direction", partial(one_way, of_client=False)),
    Mutation("reordered up to 1 ms", partial(reorder, by_ns=MILLISECOND), MILLISECOND),
    Mutation("reordered up to 5 ms", partial(reorder, by_ns=5 * MILLISECOND), 5 * MILLISECOND),
    Mutation("5 % lost", partial(lose, share=0.05)),
    Mutation("20 % lost", partial(lose, share=0.2)),
)
