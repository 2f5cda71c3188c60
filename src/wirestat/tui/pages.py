"""Pages above the screen: a page of text, a choice, a line to type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from wirestat.report.paint import STYLES, Paint
from wirestat.tui.styles import FAINT

Choice = TypeVar("Choice")
Draw = Callable[[int], Iterable[str]]
"""Returns the lines for a width; they may contain the codes of :class:`Tint`."""
_MARGIN = 4
"""Columns of the frame and its padding; the scroll bar takes one more."""


class Tint(Paint):
    """Colours text with the codes of a sixteen-colour terminal, which the screen parses again."""

    _styles: ClassVar[dict[str, Style]] = {
        name: Style.parse(definition) for name, definition in STYLES.items()
    }

    def __call__(self, style: str, text: str) -> str:
        """Return ``text`` with codes around it."""
        from rich.color import ColorSystem

        return self._styles[style].render(text, color_system=ColorSystem.STANDARD)


class Page(ModalScreen[None]):
    """Text that is longer than the screen: scrolled as ``less`` does."""

    DEFAULT_CSS = """
    Page { align: center middle; background: ansi_default; }
    Page #frame { border: round ansi_bright_black; border-title-style: bold; padding: 0 1;
                  width: 100%; height: 100%; background: ansi_default;
                  scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q,enter", "dismiss", "close"),
        ("j,down", "line(1)", "down"),
        ("k,up", "line(-1)", "up"),
        ("space,pagedown,ctrl+f", "turn(1)", "page down"),
        ("b,pageup,ctrl+b", "turn(-1)", "page up"),
        ("g,home", "end(0)", "first"),
        ("G,end", "end(1)", "last"),
    ]

    def __init__(self, title: str, draw: Draw, keys: str = "q closes") -> None:
        """Show the lines of ``draw``, which is called again for each width."""
        super().__init__()
        self._title = title
        self._draw = draw
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Put the text into a frame."""
        with VerticalScroll(id="frame"):
            yield Static(id="text")

    def on_mount(self) -> None:
        """Draw for the first time."""
        frame = self.query_one("#frame")
        frame.border_title, frame.border_subtitle = self._title, self._keys
        self._refill()

    def on_resize(self, _event: events.Resize) -> None:
        """Draw for another width."""
        self._refill()

    def redraw(self, title: str, draw: Draw) -> None:
        """Replace the text."""
        self._title, self._draw = title, draw
        self.query_one("#frame").border_title = title
        self._refill()

    def _refill(self) -> None:
        width = max(20, self.app.size.width - _MARGIN - 1)
        self.query_one("#text", Static).update(Text("\n").join(map(Text.from_ansi, self._draw(width))))

    def action_line(self, by: int) -> None:
        """Scroll by a line."""
        self.query_one("#frame").scroll_relative(y=by, animate=False)

    def action_turn(self, by: int) -> None:
        """Scroll by a screen."""
        frame = self.query_one("#frame")
        frame.scroll_relative(y=by * max(1, frame.size.height - 1), animate=False)

    def action_end(self, last: int) -> None:
        """Scroll to the first line, or the last."""
        frame = self.query_one("#frame")
        (frame.scroll_end if last else frame.scroll_home)(animate=False)


class Menu(ModalScreen[Choice | None], Generic[Choice]):
    """One of a few things to choose."""

    DEFAULT_CSS = """
    Menu { align: center middle; background: ansi_default 0%; }
    Menu OptionList { width: auto; max-width: 90%; height: auto; max-height: 80%; padding: 0 1;
                      border: round ansi_cyan; background: ansi_default; }
    Menu OptionList:focus { border: round ansi_cyan; }
    Menu OptionList > .option-list--option-highlighted { text-style: reverse; color: ansi_default;
                                                        background: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q", "dismiss", "close"),
        ("j", "down", ""),
        ("k", "up", ""),
    ]

    def __init__(
        self, title: str, choices: Sequence[tuple[Choice, str]], chosen: Choice | None = None
    ) -> None:
        """Offer choices, each with its words; ``chosen`` is marked."""
        super().__init__()
        self._title = title
        self._choices = choices
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """List the choices."""
        listed = OptionList(*(Option(words) for _, words in self._choices))
        listed.border_title = self._title
        yield listed

    def on_mount(self) -> None:
        """Begin at the current choice."""
        values = [choice for choice, _ in self._choices]
        listed = self.query_one(OptionList)
        listed.highlighted = values.index(self._chosen) if self._chosen in values else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the choice."""
        event.stop()
        self.dismiss(self._choices[event.option_index][0])

    def action_down(self) -> None:
        """Go to the next one."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """Go to the one before."""
        self.query_one(OptionList).action_cursor_up()


class Prompt(ModalScreen[str | None]):
    """A line to type, as the name of a file."""

    DEFAULT_CSS = """
    Prompt { align: center middle; background: ansi_default 0%; }
    Prompt #box { width: 80%; max-width: 90; height: auto; border: round ansi_cyan; padding: 0 1;
                  background: ansi_default; }
    Prompt Input { border: none; height: 1; padding: 0; background: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "close")]

    def __init__(self, title: str, value: str) -> None:
        """Ask with a value to begin with."""
        super().__init__()
        self._title = title
        self._value = value

    def compose(self) -> ComposeResult:
        """Put the line into a box."""
        with Vertical(id="box") as box:
            box.border_title = self._title
            yield Input(self._value, select_on_focus=False)
            yield Static(Text("enter takes it, escape leaves", FAINT))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what was typed."""
        event.stop()
        self.dismiss(event.value.strip() or None)


def heading(text: str) -> str:
    """Write a heading of a page."""
    return Tint()("title", text)
