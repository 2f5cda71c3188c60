"""Draws findings: of each rule at each confidence as many as asked for, from different captures if possible."""

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import wirestat
from wirestat.diagnosis.finding import is_about_capture
from wirestat.errors import WirestatError
from wirestat.model import Finding
from wirestat.report.handles import handles

_LARGEST = 20_000_000
"""Maximum size in bytes: larger captures also take long to read by eye."""


class Drawn(NamedTuple):
    """A finding to be read."""

    capture: Path
    name: str
    finding: Finding


def draw(folder: Path, each: int, seed: int) -> list[Drawn]:
    """Draw ``each`` findings of every rule at every confidence, the same for the same seed."""
    cells: defaultdict[tuple[str, str], list[Drawn]] = defaultdict(list)
    for drawn in _all(folder):
        cells[drawn.finding.id, drawn.finding.confidence].append(drawn)
    chance = random.Random(seed)
    return [one for cell in sorted(cells) for one in _spread(cells[cell], each, chance)]


def _spread(found: list[Drawn], each: int, chance: random.Random) -> list[Drawn]:
    """Choose from different captures first."""
    chance.shuffle(found)
    seen: defaultdict[Path, int] = defaultdict(int)
    ranked = []
    for drawn in found:
        ranked.append((seen[drawn.capture], drawn))
        seen[drawn.capture] += 1
    ranked.sort(key=lambda item: item[0])
    return [drawn for _, drawn in ranked[:each]]


def _all(folder: Path) -> Iterator[Drawn]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.stat().st_size > _LARGEST:
            continue
        try:
            report = wirestat.analyze(path)
        except (WirestatError, OSError):
            continue  # not a capture, or not readable
        for name, finding in handles(report).items():
            if not is_about_capture(finding):
                yield Drawn(path, name, finding)
