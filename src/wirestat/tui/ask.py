"""The filter bar: the language of ``-Y``, with completion, and mistakes pointed out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from wirestat.errors import UsageError
from wirestat.report.selection import Question, asked
from wirestat.tui.styles import ERROR, FAINT, KEY

Complete = Callable[[str], Sequence[str]]
"""Returns the completions of the input."""
_OFFERED = 8


class _First(Suggester):
    def __init__(self, complete: Complete) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        return next((one for one in self._complete(value) if one.startswith(value)), None) if value else None


class FilterInput(Input):
    """An input line; tab takes the suggestion."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "leave")]

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "tab":
            event.stop()
            event.prevent_default()
            if self._suggestion:
                self.value = self._suggestion
                self.cursor_position = len(self.value)
            return
        await super()._on_key(event)

    def action_leave(self) -> None:
        """Leave the filter as it was."""
        self.post_message(FilterBar.Left())


class FilterBar(Vertical):
    """Opens at the bottom of the screen."""

    DEFAULT_CSS = """
    FilterBar { height: auto; display: none; }
    FilterBar.open { display: block; }
    FilterBar #typed { border: none; height: 1; padding: 0; background: ansi_default; }
    FilterBar #said { height: auto; min-height: 2; }
    """

    class Asked(Message):
        """A filter was typed; ``None``: all connections."""

        def __init__(self, question: Question | None) -> None:
            """Take the parsed filter."""
            super().__init__()
            self.question = question

    class Left(Message):
        """The bar was left without a change."""

    def __init__(self, complete: Complete) -> None:
        """Offer the completions of ``complete``."""
        super().__init__(id="filterbar")
        self._complete = complete

    def compose(self) -> ComposeResult:
        """Put the line above its message."""
        yield FilterInput(
            id="typed",
            placeholder="state==CLOSE_WAIT && port==443 && for>60s",
            suggester=_First(self._complete),
            select_on_focus=False,
        )
        yield Static(id="said")

    def open(self, text: str) -> None:
        """Show the bar with the current filter."""
        self.add_class("open")
        typed = self.query_one(FilterInput)
        typed.value = text
        typed.cursor_position = len(text)
        typed.focus()
        self._say(text)

    def close(self) -> None:
        """Hide the bar."""
        self.remove_class("open")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the mistake, or the possible continuations."""
        event.stop()
        self._say(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Submit the filter, if it is valid."""
        event.stop()
        if not event.value.strip():
            self.post_message(self.Asked(None))
            return
        try:
            question = asked(event.value)
        except UsageError:
            self._say(event.value)
            return
        self.post_message(self.Asked(question))

    def _say(self, text: str) -> None:
        said = self.query_one("#said", Static)
        if not text.strip():
            said.update(
                Text("enter applies, escape leaves; '?' lists the keys, 'wirestat fields' the fields", FAINT)
            )
            return
        said.update(Text("\n").join(self._told(text)))

    def _told(self, text: str) -> list[Text]:
        offered = [one for one in self._complete(text) if one != text][:_OFFERED]
        words = "  ".join(one[_common(one, text) :] or one for one in offered)
        hints = [Text(f"tab: {words}", FAINT, no_wrap=True, overflow="ellipsis")] if offered else []
        try:
            asked(text)
        except UsageError as error:
            pointer = error.excerpt[1:2] if error.excerpt[:1] == (text,) else error.excerpt
            why = f"{error}" + (f": {error.hint}" if error.hint else "")
            return [*(Text(line, ERROR, no_wrap=True) for line in pointer), Text(why, KEY), *hints]
        return hints or [Text("enter applies it", FAINT)]


def _common(one: str, text: str) -> int:
    """Return the start of the current word."""
    begin = max((text.rfind(sign) for sign in " (){},&|!="), default=-1) + 1
    return begin if one.startswith(text[:begin]) else 0
