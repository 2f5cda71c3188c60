"""Columns as byte planes (bytes of equal significance side by side), and numbers as differences: both compress
well."""

from typing import NamedTuple

from wirestat import _core

Plane = bytes | int
"""The bytes of one significance of all values, or the single byte that they all equal."""


class Differences(NamedTuple):
    """Differences, with the parameters to decode them."""

    planes: list[Plane]
    """Of numbers of 64 bits, the lowest byte first; where there is a null, 0 stands for none and all others are one
    more."""
    scale: int
    """The common divisor."""
    is_folded: bool
    """Whether odd numbers stand for those below 0."""


def planes(values: bytes, width: int) -> list[Plane]:
    """Split values of ``width`` bytes each; planes at the end that hold nothing but zeros are left out."""
    return _core.planes(values, width)


def differences(numbers: bytes, others: bytes, null: int | None = None) -> Differences:
    """Subtract from each number of 64 bits the one at its place among the others; ``null`` stands for none."""
    return Differences(*_core.apart(numbers, others, null=null))


def steps(numbers: bytes, bounds: bytes, starts: bytes) -> Differences:
    """Subtract from each number of 64 bits the one before, and from the first of each run the start of the run.

    ``bounds`` say where each run begins and the last one ends, as ``Table.offsets`` does.
    """
    return Differences(*_core.apart(numbers, bounds, starts))
