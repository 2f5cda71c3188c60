"""The timeline: the number of connections over time, and the instant shown."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widget import Widget

from wirestat.tui.cells import sparkline, spread
from wirestat.tui.styles import FAINT, FROZEN, TITLE
from wirestat.words import day_time, spans_days
from wirestat.zones import Zone

_EDGE = 14
"""Columns of a time of day and what separates it."""


class Timeline(Widget):
    """A line with the whole time that is kept, for choosing an instant."""

    DEFAULT_CSS = "Timeline { height: 1; }"

    class Sought(Message):
        """The user chose an instant."""

        def __init__(self, at_ns: int) -> None:
            """Ask for an instant, in Unix ns."""
            super().__init__()
            self.at_ns = at_ns

    def __init__(self) -> None:
        """Begin without any time."""
        super().__init__(id="timeline")
        self.start_ns = self.end_ns = 0
        self._at_ns: int | None = None
        self._values: list[int] = []

    def show(self, start_ns: int, end_ns: int, at_ns: int | None, values: list[int]) -> None:
        """Take a span of time, the instant shown, and how many connections there were at even steps of it."""
        self.start_ns, self.end_ns, self._at_ns, self._values = start_ns, end_ns, at_ns, values
        self.refresh()

    @property
    def step_ns(self) -> int:
        """The time per column."""
        return max(1, (self.end_ns - self.start_ns) // max(1, self._bars - 1))

    @property
    def _bars(self) -> int:
        return max(1, self.size.width - 2 * _EDGE)

    def render(self) -> Text:
        """Draw the line."""
        line = Text(no_wrap=True)
        is_dated = spans_days(self.start_ns, self.end_ns)
        line.append(f"{_edge(self.start_ns, is_dated=is_dated):<{_EDGE}}", FAINT)
        bars = sparkline(spread(self._values, self._bars), self._bars)
        place = self._bars - 1
        if self._at_ns is not None:
            place = min(self._bars - 1, max(0, (self._at_ns - self.start_ns) // self.step_ns))
        line.append(bars[:place], FAINT)
        under = bars[place] if bars[place] != " " else "▏"
        line.append(under, FROZEN if self._at_ns is not None else TITLE)
        line.append(bars[place + 1 :], FAINT)
        line.append(f"{_edge(self.end_ns, is_dated=is_dated):>{_EDGE}}", FAINT)
        return line

    def on_click(self, event: events.Click) -> None:
        """Go to the clicked instant."""
        self._seek(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go along while the button is held."""
        if event.button:
            self._seek(event.x)

    def _seek(self, x: int) -> None:
        column = min(self._bars - 1, max(0, x - _EDGE))
        self.post_message(self.Sought(self.start_ns + column * self.step_ns))


def _edge(time_ns: int, *, is_dated: bool) -> str:
    """Write a time of day; the day and the minute where the line covers several days.

    >>> _edge(1_767_323_045_250_000_000, is_dated=True)
    '01-02 03:04Z'
    """
    return f"{Zone().at(time_ns):%m-%d %H:%MZ}" if is_dated else day_time(time_ns)
