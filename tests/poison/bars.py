"""How much harm may be done: none; until that is so, what the same sample does today."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from .survey import Tally

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

    def excess(self, tally: Tally) -> list[str]:
        """The kinds of harm that are beyond, in words."""
        counts = {"proven": self.proven, "astray": self.astray}
        return [
            f"{len(tally.of(kind))} {kind}, at most {most} may be"
            for kind, most in counts.items()
            if len(tally.of(kind)) > most
        ]


def load() -> Ceilings:
    return Ceilings(**tomllib.loads(FILE.read_text(encoding="utf-8")))


def write(tally: Tally) -> None:
    """Write what was measured as the ceilings."""
    head = "".join(f"{line}\n" for line in FILE.read_text(encoding="utf-8").splitlines() if line[:1] == "#")
    figures = "".join(f"{kind} = {len(tally.of(kind))}\n" for kind in ("proven", "astray"))
    FILE.write_text(head + figures, encoding="utf-8")
