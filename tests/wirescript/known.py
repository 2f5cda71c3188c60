"""The wire scripts that are known to fail: ``tests/wire/known.toml``, read and checked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parents[1] / "wire" / "known.toml"


@dataclass(frozen=True, slots=True)
class Known:
    """One correct script that fails."""

    script: str
    """The title of the script."""
    at: str
    """The first line that fails, by its time as written."""
    reason: str


def _load() -> dict[str, Known]:
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {each["script"]: Known(**each) for each in told.get("wrong", [])}


WRONG = _load()
"""The known failures, by title."""


def complaint(title: str, at: str | None, wrong: dict[str, Known] = WRONG) -> str | None:
    """Return why a script fails as a test, ``None`` if it passes; ``at`` is its first failing line."""
    expected = wrong.get(title)
    if expected is None:
        return None if at is None else "goes wrong"
    if at is None:
        return "is right now: take it off tests/wire/known.toml"
    return None if at == expected.at else f"goes wrong at {at}; tests/wire/known.toml says at {expected.at}"
