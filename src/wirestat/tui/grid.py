"""A list of any length, which draws only its visible lines."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wirestat.tui.listing import Line, Listing
from wirestat.tui.styles import CURSOR, FAINT


class Nothing:
    """A list without rows."""

    empty = ""

    def __len__(self) -> int:
        return 0

    def height(self, width: int) -> int:
        """Take one line."""
        return 1

    def heading(self, width: int) -> list[Line]:
        """Show nothing."""
        return []

    def lines(self, row: int, width: int) -> list[Line]:
        """Show nothing."""
        return []

    def key(self, row: int) -> Hashable:
        """Raise an error: there is no row."""
        return None


class Grid(ScrollView, can_focus=True):
    """Draws a listing below its heading, with a cursor that stays on its row as rows come and go."""

    DEFAULT_CSS = """
    Grid { height: 1fr; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("up,k", "move(-1)", "up"),
        ("down,j", "move(1)", "down"),
        ("pageup,ctrl+b", "turn(-1)", "page up"),
        ("pagedown,ctrl+f,space", "turn(1)", "page down"),
        ("home,g", "jump(0)", "first"),
        ("end,G", "jump(-1)", "last"),
        ("enter", "choose", "open"),
        ("tab", "app.next_pane(1)", "next"),
        ("shift+tab", "app.next_pane(-1)", "previous"),
    ]

    class Chosen(Message):
        """A row was opened: by enter, or by a double click."""

        def __init__(self, grid: Grid, key: Hashable) -> None:
            """Tell of the row with this key."""
            super().__init__()
            self.grid = grid
            self.key = key

    def __init__(self, *, id: str) -> None:
        """Begin with no rows."""
        super().__init__(id=id)
        self._listing: Listing = Nothing()
        self._cursor = 0
        self._is_followed = True

    def show(self, listing: Listing) -> None:
        """Take new rows; the cursor stays on its row, or at the top if it was never moved."""
        before = self.current
        self._listing = listing
        if before is not None and not self._is_followed:
            self._cursor = self._find(before)
        self._cursor = max(0, min(self._cursor, len(listing) - 1))
        self._measure()
        self.refresh()

    @property
    def current(self) -> Hashable:
        """The key of the row under the cursor; ``None`` without rows."""
        return self._listing.key(self._cursor) if self._cursor < len(self._listing) else None

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _height(self) -> int:
        return self._listing.height(self._width)

    def _find(self, key: Hashable) -> int:
        """Search for a row outward from its old place, within a few screens."""
        total = len(self._listing)
        for away in range(min(total, 2000)):
            for row in (self._cursor + away, self._cursor - away):
                if 0 <= row < total and self._listing.key(row) == key:
                    return row
        return self._cursor

    def _measure(self) -> None:
        self.virtual_size = Size(self._width, (len(self._listing) + 1) * self._height)

    def on_resize(self, _event: events.Resize) -> None:
        """Fit rows to the new width."""
        self._measure()
        self._keep_in_sight()

    def render_line(self, y: int) -> Strip:
        """Draw a visible line: the heading stays, the rows scroll below it."""
        width, height = self._width, self._height
        if y < height:
            heading = self._listing.heading(width)
            return self._strip(heading[y] if y < len(heading) else [], width)
        line = y - height + self.scroll_offset.y
        row, part = divmod(line, height)
        if row >= len(self._listing):
            empty = self._listing.empty if not len(self._listing) and y == height else ""
            return self._strip([Segment(empty, FAINT)], width)
        lines = self._listing.lines(row, width)
        is_current = row == self._cursor and self.has_focus
        return self._strip(lines[part] if part < len(lines) else [], width, CURSOR if is_current else None)

    def _strip(self, line: Line, width: int, style: Style | None = None) -> Strip:
        if style is not None:
            line = [Segment(segment.text, style) for segment in line]
        return Strip(line).adjust_cell_length(width, style)

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self._go(self._cursor + by)

    def action_turn(self, by: int) -> None:
        """Move the cursor by a screen."""
        self._go(self._cursor + by * max(1, (self.size.height - self._height) // self._height))

    def action_jump(self, row: int) -> None:
        """Move the cursor to a row; -1 is the last."""
        self._go(row if row >= 0 else len(self._listing) - 1)

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self.current is not None:
            self.post_message(self.Chosen(self, self.current))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to a click; a double click opens the row."""
        line = event.y - self._height + self.scroll_offset.y
        if event.y < self._height or line // self._height >= len(self._listing):
            return
        self._go(line // self._height)
        if event.chain == 2:
            self.action_choose()

    def _go(self, row: int) -> None:
        self._cursor = max(0, min(row, len(self._listing) - 1))
        self._is_followed = self._cursor == 0
        self._keep_in_sight()
        self.refresh()

    def _keep_in_sight(self) -> None:
        height = self._height
        region = Region(0, self._cursor * height, self._width, height * 2)
        self.scroll_to_region(region, animate=False, force=True)
