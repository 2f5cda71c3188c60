"""The tables and their columns, from the core's description, the only one."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from wirestat import _core

Type = Literal["bool", "u8", "u16", "u32", "u64", "i64", "set", "counts"]

Format = Literal["B", "H", "I", "Q", "q"]

_FORMATS: dict[Type, Format] = {
    "bool": "B", "u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i64": "q", "set": "B", "counts": "Q",
}  # fmt: skip

TIME = "ns since the Unix epoch"
"""The unit of instants."""

FIXED: Mapping[str, tuple[str, ...]] = {
    "states": tuple(_core.STATES),
    "evidence": tuple(_core.EVIDENCE),
    "cues": tuple(_core.CUES.values()),
    "facts": tuple(_core.FACTS),
    "sides": ("client", "server"),
    "direction_reasons": tuple(_core.DIRECTION_REASONS),
}
"""Dictionaries that are the same for every capture; ``addresses`` and ``tunnels`` come with the columns."""


class Field(msgspec.Struct, frozen=True):
    """A column: name, storage, meaning."""

    name: str
    type: Type
    """``bool`` is a byte of 0 or 1; ``u8`` to ``u64`` and ``i64`` are numbers of so many bits in the order of bytes
    of the machine. ``set`` holds names of the dictionary: name ``n`` is in it where bit ``n % 8`` of byte ``n // 8``
    is set. ``counts`` holds a ``u64`` for each name of the dictionary."""
    width: int
    """Bytes that a value takes up."""
    unit: str | None
    null: int | None
    """The null value; ``None`` if there is none."""
    dictionary: str | None
    """The names that numbers, or the bits of a set, stand for."""
    meaning: str

    @property
    def format(self) -> Format:
        """The format character of ``struct`` and ``memoryview``."""
        return _FORMATS[self.type]

    @property
    def null_bytes(self) -> bytes:
        """The null value as stored; empty if there is none."""
        if self.null is None:
            return b""
        element = memoryview(bytearray(self.width)).cast(self.format)
        element[0] = self.null
        return element.tobytes()


class Layout(msgspec.Struct, frozen=True):
    """A table: what a row of it is, and its columns."""

    name: str
    meaning: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """Return the description of a column.

        Raises:
            KeyError: there is no such column.
        """
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


SCHEMA: Mapping[str, Layout] = {
    name: Layout(name, meaning, tuple(Field(*column) for column in columns))
    for name, meaning, columns in _core.TABLES
}
"""Every table by its name."""
