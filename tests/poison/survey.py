"""Inserts forged segments that no receiver takes, at sampled positions of sampled connections and captures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

from .conversation import Case, Conversation
from .forgery import Forged, Recipe, forge
from .said import Slip, slips
from .trial import Harm, play

AT_ONCE = 200
"""Insertions into one conversation."""
ONE_IN = 10
"""One in this many insertions is also judged by the rules, which takes longer than tracking it."""


@dataclass
class Insertions:
    """How many were inserted, and what they did."""

    inserted: int = 0
    taken: int = 0
    """Segments left out, as the receiver might have taken them."""
    harms: list[Harm] = field(default_factory=list)
    judged: int = 0
    """Insertions that were also judged by the rules."""
    slips: list[Slip] = field(default_factory=list)

    def of(self, kind: str) -> list[Harm]:
        return [harm for harm in self.harms if harm.kind == kind]

    def slipped(self, kind: str) -> list[Slip]:
        return [slip for slip in self.slips if slip.kind == kind]

    def groups(self) -> list[list[Harm]]:
        """Harm in groups: of the same kind, by segments with the same flags; the largest group first."""
        found: dict[tuple[str, str], list[Harm]] = {}
        for harm in self.harms:
            found.setdefault((harm.kind, harm.forged.recipe.flags), []).append(harm)
        return sorted(found.values(), key=len, reverse=True)


def survey(cases: list[Path], count: int, seed: int) -> Insertions:
    """Insert ``count`` forged segments, and collect the harm that they do."""
    random, judging = Random(seed), Random(seed)
    tally = Insertions()
    for conversation in _sample(cases, random):
        if tally.inserted >= count:
            break
        forgeries, taken = _forgeries(conversation, min(AT_ONCE, count - tally.inserted), random)
        tally.inserted += len(forgeries)
        tally.taken += taken
        tally.harms += play(conversation, forgeries)
        judged = judging.sample(forgeries, len(forgeries) // ONE_IN)
        tally.judged += len(judged)
        tally.slips += slips(conversation, judged)
    return tally


@cache
def _conversations(folder: Path) -> tuple[Conversation, ...]:
    return tuple(Case.of(folder).conversations())


def _sample(cases: list[Path], random: Random) -> Iterator[Conversation]:
    """Yield conversations; each case is as frequent as any other, however many connections it has."""
    if not any(_conversations(case) for case in cases):
        return
    while True:
        for case in random.sample(cases, len(cases)):
            conversations = _conversations(case)
            if conversations:
                yield random.choice(conversations)


def _forgeries(conversation: Conversation, count: int, random: Random) -> tuple[list[Forged], int]:
    """Make ``count`` segments that no receiver takes, or fewer if nearly all would be taken; count those left out."""
    found: list[Forged] = []
    taken = 0
    for _ in range(4 * count):
        if len(found) == count:
            break
        position = random.randrange(1, len(conversation.captured) + 1)
        toward = random.choice(("client", "server"))
        forged = forge(conversation, Recipe.choose(random), position, toward)
        if forged is None:
            continue
        if conversation.might_take(toward, forged.segment, forged.time_ns):
            taken += 1
        else:
            found.append(forged)
    return found, taken
