"""The exceptions: no more than callers need to distinguish.

::

    WirestatError
    ├── InputError           a capture cannot be read, or only in part
    ├── PermissionDenied     the system refused: a file, or the right to capture
    ├── Unavailable          a requested feature needs a package or a program that is missing
    └── UsageError           a value is invalid: an unknown state, a time, a timer

A partial result is not an exception: a truncated capture is a ``Capture`` whose ``error`` says so.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in typing, whose import would take longer than printing the version
if TYPE_CHECKING:
    from typing import Self


class WirestatError(Exception):
    """The base class of all exceptions that wirestat raises on purpose."""

    hint: str | None = None
    """The remedy, as one sentence without a full stop; ``None`` if there is none."""


class InputError(WirestatError):
    """A capture cannot be read."""

    def __init__(self, kind: str, name: str, offset: int | None, reason: str) -> None:
        """Say what could not be read, and why.

        ``kind`` is a short lower-case phrase such as ``missing``, ``not a capture``, ``unsupported``; ``name`` the
        path as given, ``-`` for standard input; ``offset`` the byte at which reading stopped, ``None`` if unknown;
        ``reason`` a phrase for people.
        """
        super().__init__(kind, name, offset, reason)
        self.kind = kind
        self.name = name
        self.offset = offset
        self.reason = reason

    def __str__(self) -> str:
        """Give name, reason and offset in one line."""
        from wirestat.titles import title  # imported here, as most runs need no message

        place = "" if self.offset is None else f" (at byte {self.offset})"
        return f"{title(self.name)}: {self.reason}{place}"


class PermissionDenied(WirestatError):
    """The system refused access to ``what``."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        """Name the refused object, and a remedy if one is known."""
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        """Give the refusal in one line."""
        return f"{self.what}: permission denied"


class Unavailable(WirestatError):
    """A package or a program is missing, or too old."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        """Say what is missing, and how to get it."""
        super().__init__(message)
        self.hint = hint

    @classmethod
    def by_extra(cls, package: str, extra: str, otherwise: str = "") -> Self:
        """Name a missing package, the extra that installs it, and an alternative without it."""
        return cls(f"{package} is not installed", installing(f"wirestat[{extra}]") + otherwise)


class UsageError(WirestatError, ValueError):
    """A value that the user typed is invalid; the message names it and the valid ones."""

    def __init__(self, message: str, hint: str | None = None, excerpt: tuple[str, ...] = ()) -> None:
        """Take the message, a hint, and lines that mark the place of the mistake in the input."""
        super().__init__(message)
        self.hint = hint
        self.excerpt = excerpt


def installing(what: str) -> str:
    """Return the command that installs a package for the Python that runs wirestat; the shell's may be another."""
    import shlex

    return f"{shlex.quote(sys.executable)} -m pip install '{what}'"
