"""A column: a buffer of values, which become Python objects one by one on access."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, overload

from wirestat.tables.schema import Field

if TYPE_CHECKING:
    from wirestat._core import Bytes

Value = bool | int | str | tuple[str, ...] | dict[str, int] | None
"""A value in Python: ``None`` where there is none, names instead of numbers where there is a dictionary."""


class Texts(Sequence[str]):
    """Texts one behind the other, with their offsets: a dictionary that comes with the columns."""

    def __init__(self, offsets: bytes, text: bytes) -> None:
        """Take texts as the core writes them: offsets of 32 bits, one more than there are texts, and UTF-8."""
        self.offsets = memoryview(offsets).cast("I")
        self.text = text

    def __reduce__(self) -> tuple[type[Texts], tuple[bytes, bytes]]:
        """Pickle what it was made of."""
        return type(self), (self.offsets.tobytes(), self.text)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        return self.text[self.offsets[place] : self.offsets[place + 1]].decode()


def packed(texts: Sequence[str]) -> tuple[bytes, bytes]:
    """Put texts one behind the other, as :class:`Texts` takes them: offsets of 32 bits, and UTF-8."""
    if isinstance(texts, Texts):
        return texts.offsets.tobytes(), texts.text
    encoded = [text.encode() for text in texts]
    return array("I", accumulate(map(len, encoded), initial=0)).tobytes(), b"".join(encoded)


class Column(Sequence[Value]):
    """The values of one column; ``column[5]`` is a value, ``column.data`` is what is kept."""

    def __init__(self, field: Field, raw: bytes | Bytes, names: Sequence[str] | None) -> None:
        """Take values in the storage of ``field``, and their names."""
        self.field = field
        self.raw = raw
        """The values one after the other, where the core has put them; nothing is copied."""
        self.names = names

    def __reduce__(self) -> tuple[type[Column], tuple[Field, bytes, Sequence[str] | None]]:
        """Pickle what it was made of."""
        return type(self), (self.field, self.values, self.names)

    @cached_property
    def values(self) -> bytes:
        """The values one after the other, as bytes of Python's."""
        return self.raw if isinstance(self.raw, bytes) else bytes(self.raw)

    @cached_property
    def data(self) -> memoryview:
        """The values as numbers, without a copy: ``numpy.asarray`` and ``struct`` take it as it is.

        Of a set there are ``field.width`` bytes a row, of counts one number for each name of the dictionary.
        """
        return memoryview(self.raw).cast(self.field.format)

    @cached_property
    def _spelled(self) -> tuple[str, ...]:
        return tuple(self.names or ())

    def __len__(self) -> int:
        return len(self.raw) // self.field.width

    @overload
    def __getitem__(self, index: int) -> Value: ...
    @overload
    def __getitem__(self, index: slice) -> list[Value]: ...
    def __getitem__(self, index: int | slice) -> Value | list[Value]:
        if isinstance(index, slice):
            return [self._value(row) for row in range(*index.indices(len(self)))]
        return self._value(range(len(self))[index])

    def __iter__(self) -> Iterator[Value]:
        """Yield the values: faster than asking for each."""
        if self.field.type in ("set", "counts", "bool"):
            return map(self._value, range(len(self)))
        if self.names is None:
            null = self.field.null
            return iter(self.data) if null is None else (None if v == null else v for v in self.data)
        names = dict(enumerate(self._spelled))
        return map(names.get, self.data)

    def __repr__(self) -> str:
        return f"<Column {self.field.name}: {len(self):,} of {self.field.type}>"

    def _value(self, row: int) -> Value:
        match self.field.type:
            case "set":
                return self._members(row)
            case "counts":
                start = row * len(self._spelled)
                return dict(zip(self._spelled, self.data[start : start + len(self._spelled)], strict=True))
            case "bool":
                return bool(self.data[row])
        value: int = self.data[row]
        if value == self.field.null:
            return None
        return value if self.names is None else self.names[value]

    def _members(self, row: int) -> tuple[str, ...]:
        width = self.field.width
        bits = int.from_bytes(self.data[row * width : (row + 1) * width], "little")
        return tuple(name for number, name in enumerate(self._spelled) if bits >> number & 1)
