"""Columns from Python data: findings, captures, spans of a history."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

from wirestat.tables.column import Column
from wirestat.tables.schema import FIXED, TIME, Field

NEVER = -(1 << 63)
"""The null value of times."""


def text(name: str, meaning: str, null: int | None = None) -> Field:
    """Describe a column of texts, whose dictionary comes with it."""
    return Field(name, "u32", 4, None, null, name, meaning)


def number(name: str, meaning: str, unit: str | None = None, null: int | None = None) -> Field:
    """Describe a column of whole numbers from 0 on."""
    return Field(name, "u64", 8, unit, null, None, meaning)


def time(name: str, meaning: str) -> Field:
    """Describe a column of instants, in ns since the Unix epoch, which may be none."""
    return Field(name, "i64", 8, TIME, NEVER, None, meaning)


def column(field: Field, values: Iterable[int | str | None]) -> Column:
    """Keep values as ``field`` says; ``None`` is its null, or 0 where it has none."""
    null = field.null or 0
    if field.dictionary is None:
        numbers = [null if value is None else int(value) for value in values]
        return Column(field, array(field.format, numbers).tobytes(), None)
    fixed = FIXED.get(field.dictionary, ())
    codes = {name: code for code, name in enumerate(fixed)}
    taken = [null if value is None else codes.setdefault(str(value), len(codes)) for value in values]
    return Column(field, array(field.format, taken).tobytes(), fixed or list(codes))


def sets(names: Sequence[str], different: Iterable[Iterable[str]], codes: Iterable[int]) -> Iterator[bytes]:
    """Yield sets of ``names`` as a column keeps them, a bit a name: row ``n`` has that of number ``codes[n]``."""
    bits = {name: 1 << place for place, name in enumerate(names)}
    width = -(-len(names) // 8)
    kept = [sum(bits[name] for name in one).to_bytes(width, "little") for one in different]
    return map(kept.__getitem__, codes)
