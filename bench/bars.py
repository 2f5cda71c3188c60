"""The promises, and whether they hold."""

from typing import NamedTuple


class Bar(NamedTuple):
    """A promise about one figure."""

    promise: str
    figure: float
    limit: float
    at_least: bool = False
    unit: str = "x"

    @property
    def holds(self) -> bool:
        """Whether the figure is on the right side of the limit."""
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit
