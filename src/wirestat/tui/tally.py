"""The top of the screen: the source, the time, and the number of ends in each state."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.segment import Segment
from rich.text import Text
from textual.widget import Widget

from wirestat.model import GONE, State
from wirestat.names import Dialect, spell
from wirestat.tui.cells import padded, sparkline
from wirestat.tui.history import Counts, Trend
from wirestat.tui.styles import FAINT, FROZEN, LIVE, STATES, TITLE

_CELL, _LEAST_CELL = 38, 30
"""Columns that a state takes: its name, two numbers, a sparkline, which is short where the screen is narrow."""
_NAME = 12
_NUMBERS = 11
_LEAST_BARS = 4


class Heading(msgspec.Struct, frozen=True):
    """The text of the first line."""

    source: str = ""
    clock: str = ""
    mode: str = ""
    """``live``, ``paused 12 s ago``, ``reading 40 %``; empty for a file that was read."""
    figures: str = ""
    """Rates and drops."""
    filter: str = ""
    is_frozen: bool = False


class StateCounts(Widget):
    """A line for the capture, then the states that any end is in."""

    DEFAULT_CSS = "StateCounts { height: auto; }"

    def __init__(self, names: Dialect) -> None:
        """Begin with nothing counted."""
        super().__init__(id="tally")
        self._names = names
        self._heading = Heading()
        self._counts: Counts = {}
        self._history = Trend()
        self._shown: tuple[State, ...] = ()

    def show(self, heading: Heading, counts: Counts, history: Trend) -> None:
        """Take other figures."""
        self._heading, self._counts, self._history = heading, counts, history
        now = {state for state, pair in counts.items() if any(pair)}
        then = {state for state in State if any(history.of(state))}
        shown = tuple(state for state in State if state not in GONE and state in now | then)
        if shown != self._shown:
            self._shown = shown
            self.refresh(layout=True)
        else:
            self.refresh()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Take a line, and as many as the states need."""
        columns = _columns(width)
        return 1 + -(-len(self._shown) // columns)

    def render(self) -> Text:
        """Draw all lines."""
        width = self.size.width
        columns = _columns(width)
        lines = [_first(self._heading, width)]
        for begin in range(0, len(self._shown), columns):
            line = Text(no_wrap=True)
            for state in self._shown[begin : begin + columns]:
                for segment in self._cell(state, width // columns):
                    line.append(segment.text, segment.style)
            lines.append(line)
        return Text("\n", no_wrap=True, end="").join(lines)

    def _cell(self, state: State, width: int) -> Iterator[Segment]:
        client, server = self._counts.get(state, (0, 0))
        numbers = f"{client:,}·{server:,}"
        is_there = bool(client or server)
        bars = max(0, width - _NAME - _NUMBERS - 3)
        yield Segment(padded(spell(state, self._names), _NAME), STATES[state] if is_there else FAINT)
        yield Segment(padded(numbers, _NUMBERS, ">"), TITLE if is_there else FAINT)
        shown = sparkline(self._history.of(state), bars) if bars >= _LEAST_BARS else " " * bars
        yield Segment(f" {shown}  ", STATES[state])


def _columns(width: int) -> int:
    """Return how many states stand side by side."""
    return max(1, width // (_CELL if width >= 2 * _CELL else _LEAST_CELL))


def _first(heading: Heading, width: int) -> Text:
    """Put the source at the left and the clock at the right; text between them is cut if necessary."""
    line = Text(no_wrap=True)
    right = Text(no_wrap=True)
    if heading.mode:
        right.append(f" {heading.mode} ", FROZEN if heading.is_frozen else LIVE)
    right.append(f" {heading.clock}", TITLE)
    line.append("wirestat", TITLE)
    line.append(f"  {heading.source}")
    for text in (heading.figures, heading.filter):
        if text and line.cell_len + len(text) + 5 <= width - right.cell_len:
            line.append("  ·  ", FAINT)
            line.append(text, FAINT if text is heading.figures else STATES[State.SYN_SENT])
    room = width - right.cell_len
    line.truncate(max(room - 1, 0), overflow="ellipsis")
    line.append(" " * max(0, room - line.cell_len))
    return line + right
