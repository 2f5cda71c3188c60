"""The interface between a grid and a list: how many rows, how each is drawn, and its key."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Protocol

from rich.segment import Segment

Line = Sequence[Segment]


class Listing(Protocol):
    """Rows that are drawn when they are seen, and not before."""

    empty: str
    """The text that stands where there is no row."""

    def __len__(self) -> int:
        """Return how many rows there are."""

    def height(self, width: int) -> int:
        """Return how many lines a row takes on a screen of so many columns."""

    def heading(self, width: int) -> Sequence[Line]:
        """Return the lines above the rows: as many as a row has."""

    def lines(self, row: int, width: int) -> Sequence[Line]:
        """Draw a row."""

    def key(self, row: int) -> Hashable:
        """Return what the row is about: the cursor stays on it wherever it moves to."""
