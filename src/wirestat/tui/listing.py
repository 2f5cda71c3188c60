"""The interface between a grid and a list: the number of rows, drawing a row, its key."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Protocol

from rich.segment import Segment

Line = Sequence[Segment]


class Listing(Protocol):
    """Rows that are drawn only when visible."""

    empty: str
    """The text of an empty list."""

    def __len__(self) -> int:
        """Return how many rows there are."""

    def height(self, width: int) -> int:
        """Return the lines per row on a screen of a given width."""

    def heading(self, width: int) -> Sequence[Line]:
        """Return the lines above the rows: as many as a row has."""

    def lines(self, row: int, width: int) -> Sequence[Line]:
        """Draw a row."""

    def key(self, row: int) -> Hashable:
        """Return the key of the row: the cursor follows it."""
