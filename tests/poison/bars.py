"""The permitted harm: none; until that is reached, the present figures of the same sample."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from .survey import Insertions

FILE = Path(__file__).with_name("bars.toml")
COUNT = 10_000
SEED = 1
"""The sample on which the ceilings were measured, over all kept cases."""


@dataclass(frozen=True)
class Ceilings:
    """The permitted harm in the sample, by kind."""

    proven: int
    """Insertions after which a proven statement is wrong."""
    astray: int
    """Insertions after which a final state differs, and is not hedged."""
    said: int
    """False findings, likely or certain, after one of the judged insertions."""
    unsaid: int
    """Right findings that are missing after one of the judged insertions."""

    def excess(self, tally: Insertions) -> list[str]:
        """The kinds of harm beyond the ceilings, in words."""
        return [
            f"{count} {kind}, at most {most} may be"
            for kind, count in counts(tally).items()
            if count > (most := getattr(self, kind))
        ]


def counts(tally: Insertions) -> dict[str, int]:
    """The amount of harm of each kind."""
    harms = {kind: len(tally.of(kind)) for kind in ("proven", "astray")}
    return harms | {kind: len(tally.slipped(kind)) for kind in ("said", "unsaid")}


def load() -> Ceilings:
    return Ceilings(**tomllib.loads(FILE.read_text(encoding="utf-8")))


def write(tally: Insertions) -> None:
    """Write the measured figures as the ceilings."""
    head = "".join(f"{line}\n" for line in FILE.read_text(encoding="utf-8").splitlines() if line[:1] == "#")
    figures = "".join(f"{kind} = {count}\n" for kind, count in counts(tally).items())
    FILE.write_text(head + figures, encoding="utf-8")
