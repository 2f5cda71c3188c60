"""Mistakes in an expression, each with its place."""

from collections.abc import Iterable

from wirestat.errors import UsageError

HINT = "'wirestat fields' lists the fields, with examples"
_AROUND = 50
"""Characters of a long expression that are shown on either side of a mistake."""


def mistake(text: str, at: int, length: int, why: str, hint: str | None = None) -> UsageError:
    """Make an error that points at a place in an expression."""
    begin = max(0, at - _AROUND)
    part = text[begin : at + length + _AROUND]
    shown = "".join(character if character.isprintable() else " " for character in part)
    pointer = " " * (at - begin) + "^" + "~" * (length - 1)
    return UsageError(f"filter: {why}", hint or HINT, (shown, pointer))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the nearest name, as a hint; ``None`` if none is near.

    >>> nearest("stat", ["state", "port"])
    'the nearest is state'
    """
    from difflib import get_close_matches  # imported here, as only mistakes need it

    names = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), names, n=1, cutoff=0.5)
    return f"the nearest is {names[close[0]]}" if close else None
