"""Verdicts on findings that were drawn and read, kept as data, and what they add up to."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Verdict(NamedTuple):
    """The verdict on one finding."""

    origin: str
    """The repository that the capture is from."""
    capture: str
    """The capture's name there."""
    finding: str
    """As ``--finding`` takes it, at the time of reading."""
    confidence: str
    severity: str
    right: bool
    reason: str
    """The evidence of the packets."""
    mended: str = ""
    """Of a wrong one: what was changed, as a kind."""
    client: str = ""
    """Address and port of the client of a connection that the finding speaks of; empty in the first reading."""
    reading: str = ""
    """Which reading it belongs to: the name of its file."""
    is_fresh: bool = False
    """Of a reading of captures that nobody had seen before, as found: it measures, and no bar is held against it."""


class Missing(NamedTuple):
    """A finding that the truth of a capture deserves, and that was not told."""

    origin: str
    capture: str
    finding: str
    """The rule that would have told it."""
    reason: str
    """The evidence of the packets."""
    mended: str = ""
    """The change since, as a kind; empty as long as it is not told."""
    reading: str = ""


def missing() -> list[Missing]:
    """Read what readings found untold: of captures whose truth was known before."""
    return [
        Missing(**item, reading=path.stem)
        for path in sorted(HERE.glob("*.toml"))
        for item in tomllib.loads(path.read_text(encoding="utf-8")).get("missing", ())
    ]


def verdicts() -> list[Verdict]:
    """Read all of them."""
    return list(_read())


def _read() -> Iterator[Verdict]:
    for path in sorted(HERE.glob("*.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        for item in told["verdict"]:
            yield Verdict(**item, reading=path.stem, is_fresh=told.get("fresh", False))


def table() -> list[str]:
    """Count right and wrong by confidence, for errors, and in all: of each reading by itself."""
    told = verdicts()
    readings = {one.reading: ", fresh captures as found" if one.is_fresh else "" for one in told}
    return [
        line
        for name, note in readings.items()
        for line in (f"{name}{note}:", *counted(one for one in told if one.reading == name))
    ]


def counted(told: Iterable[Verdict]) -> list[str]:
    """Count right and wrong of these."""
    pairs = [(kind, one.right) for one in told for kind in _kinds(one)]
    right, every = Counter(kind for kind, is_right in pairs if is_right), Counter(kind for kind, _ in pairs)
    return [
        f"{kind:<10} {right[kind]:>4} of {every[kind]:>4} right, {100 * right[kind] / every[kind]:.0f} %"
        for kind in ("certain", "likely", "possible", "error", "all")
        if every[kind]
    ]


def _kinds(one: Verdict) -> tuple[str, ...]:
    return ("all", one.confidence, *(("error",) if one.severity == "error" else ()))
