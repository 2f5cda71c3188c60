"""Columns of numbers as differences to others, which are small and deflate well."""

from typing import NamedTuple

from wirestat import _core


class Differences(NamedTuple):
    """Differences, and how the numbers are made from them again."""

    values: bytes
    """64 bits each, the lowest byte first; where there is a null, 0 stands for none and all others are one more."""
    scale: int
    """What all of them were divided by."""
    is_folded: bool
    """Whether odd numbers stand for those below 0."""


def differences(numbers: bytes, others: bytes, null: int | None = None) -> Differences:
    """Subtract from each number of 64 bits the one at its place among the others; ``null`` stands for none."""
    return Differences(*_core.apart(numbers, others, null))
