"""Colour, on terminals only; no text depends on it."""

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.style import Style

STYLES = {
    "title": "bold",
    "faint": "dim",
    "command": "cyan",
    "error": "bold red",
    "warning": "yellow",
    "note": "magenta",
    "info": "blue",
    "good": "green",
    "retracted": "strike dim",
}
"""The styles for renderers, named by meaning and not by colour."""


class Paint:
    """No colour: for pipes, files and ``NO_COLOR``."""

    def __call__(self, style: str, text: str) -> str:
        """Return ``text`` in the style of that name."""
        return text


class RichPaint(Paint):
    """Colours, by rich's knowledge of the terminal."""

    def __init__(self, stream: TextIO) -> None:
        """Ask rich for the terminal's capabilities. It is imported here, so that plain output never needs it."""
        from rich.console import Console

        self._console = Console(file=stream)
        self._styles: dict[str, Style] = {
            name: self._console.get_style(definition) for name, definition in STYLES.items()
        }

    def __call__(self, style: str, text: str) -> str:
        """Return ``text`` with the terminal's codes around it."""
        return self._styles[style].render(text, color_system=self._console._color_system)


def paint_for(stream: TextIO, environment: dict[str, str]) -> Paint:
    """Choose colour for a terminal and none for anything else; a non-empty ``NO_COLOR`` forbids it."""
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb" or not stream.isatty():
        return Paint()
    return RichPaint(stream)
