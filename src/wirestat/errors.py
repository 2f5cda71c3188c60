"""The exceptions: as few as a caller can tell apart.

::

    WirestatError
    ├── InputError           a capture cannot be read, wholly or from some point on
    ├── PermissionDenied     the system refused: a file, or the right to capture
    ├── Unavailable          something that was asked for needs a package or a program that is not there
    └── UsageError           a value makes no sense: an unknown state, a time, a timer

Partial truth is no exception: a capture that ends early is a ``Capture`` whose ``error`` says so.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in typing, which takes longer to load than to say the version
if TYPE_CHECKING:
    from typing import Self


class WirestatError(Exception):
    """The root: whatever wirestat raises on purpose."""

    hint: str | None = None
    """The remedy, as one sentence without a full stop; ``None`` where there is none to name."""


class InputError(WirestatError):
    """A capture cannot be read."""

    def __init__(self, kind: str, name: str, offset: int | None, reason: str) -> None:
        """Say what could not be read, and why.

        ``kind`` is one lower-case word or two, as ``missing``, ``not a capture``, ``unsupported``; ``name`` the path
        as given, ``-`` for standard input; ``offset`` the byte at which reading stopped, ``None`` where there is
        none; ``reason`` a phrase for people.
        """
        super().__init__(kind, name, offset, reason)
        self.kind = kind
        self.name = name
        self.offset = offset
        self.reason = reason

    def __str__(self) -> str:
        """Give name, reason and offset in one line."""
        from wirestat.titles import title  # here, because nothing has to be said as a rule

        place = "" if self.offset is None else f" (at byte {self.offset})"
        return f"{title(self.name)}: {self.reason}{place}"


class PermissionDenied(WirestatError):
    """The system refused access to ``what``."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        """Name what was refused, and how to get at it if that is known."""
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
        """Name a package that is not installed, the extra that brings it, and what works without it."""
        return cls(f"{package} is not installed", installing(f"wirestat[{extra}]") + otherwise)


class UsageError(WirestatError, ValueError):
    """A value that somebody typed makes no sense; the message names the value and what would."""

    def __init__(self, message: str, hint: str | None = None, excerpt: tuple[str, ...] = ()) -> None:
        """Take the message as people shall read it, a hint, and lines that show the place in what was typed."""
        super().__init__(message)
        self.hint = hint
        self.excerpt = excerpt


def installing(what: str) -> str:
    """Say how to install a package beside this wirestat, for the Python that runs it: the shell may have another."""
    import shlex

    return f"{shlex.quote(sys.executable)} -m pip install '{what}'"
