"""How much harm may be done: none; until that is so, what the same sample does today."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from .survey import Insertions

FILE = Path(__file__).with_name("bars.toml")
COUNT = 10_000
SEED = 1
"""The sample that the ceilings were measured on, over all cases that are kept."""


@dataclass(frozen=True)
class Ceilings:
    """Of the sample."""

    proven: int
    """Insertions after which something proven is wrong."""
    astray: int
    """Insertions after which a final state is another, and not hedged."""
    said: int
    """Findings said as likely or certain after one of those that were judged, of what did not happen."""
    unsaid: int
    """Findings that are gone after one of those, though they were right."""

    def excess(self, tally: Insertions) -> list[str]:
        """The kinds of harm that are beyond, in words."""
        return [
            f"{count} {kind}, at most {most} may be"
            for kind, count in counts(tally).items()
            if count > (most := getattr(self, kind))
        ]


def counts(tally: Insertions) -> dict[str, int]:
    """How much harm of each kind was done."""
    harms = {kind: len(tally.of(kind)) for kind in ("proven", "astray")}
    return harms | {kind: len(tally.slipped(kind)) for kind in ("said", "unsaid")}


def load() -> Ceilings:
    return Ceilings(**tomllib.loads(FILE.read_text(encoding="utf-8")))


def write(tally: Insertions) -> None:
    """Write what was measured as the ceilings."""
    head = "".join(f"{line}\n" for line in FILE.read_text(encoding="utf-8").splitlines() if line[:1] == "#")
    figures = "".join(f"{kind} = {count}\n" for kind, count in counts(tally).items())
    FILE.write_text(head + figures, encoding="utf-8")
