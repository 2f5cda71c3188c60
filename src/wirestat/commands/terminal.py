"""How wide a text may be."""

PIPED_WIDTH = 100
"""Columns where there is no terminal to ask."""
WIDEST = 120
"""Prose is not easier to read on lines longer than this."""


def width() -> int:
    """Return the columns of the terminal, as far as it is good to use them."""
    # It brings three compressors along, and only text for a terminal needs it.
    from shutil import get_terminal_size

    return min(get_terminal_size((PIPED_WIDTH, 24)).columns, WIDEST)
