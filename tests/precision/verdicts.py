"""Verdicts on findings that were drawn and read, kept as data, and their sums."""

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
    """Its name for ``--finding``, at the time of reading."""
    confidence: str
    severity: str
    right: bool
    reason: str
    """The evidence of the packets."""
    mended: str = ""
    """For a wrong one: the change that was made, by kind."""
    now: str = ""
    """For a wrong one: words of the finding by which it is right today; it is wrong again without them."""
    client: str = ""
    """Address and port of the client of a connection that the finding is about; empty in the first reading."""
    reading: str = ""
    """Its reading: the name of its file."""
    is_fresh: bool = False
    """Whether it is from a reading of new captures, as found: it is measured without a bar."""


class Missing(NamedTuple):
    """A finding that the truth of a capture deserves, and that is missing."""

    origin: str
    capture: str
    finding: str
    """The rule that should have reported it."""
    reason: str
    """The evidence of the packets."""
    mended: str = ""
    """The change since, by kind; empty as long as it is missing."""
    reading: str = ""


def missing() -> list[Missing]:
    """Read the missing findings of readings, for captures whose truth was known before."""
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
