"""Verbs that read captures, or capture with ``-i``: what they hand on to ``wirestat live``."""

import msgspec

from wirestat.errors import UsageError


class Capturing(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a command line that is about capturing."""

    interfaces: tuple[str, ...]
    duration: str | None
    capture_filter: str | None
    user: str | None

    @property
    def words(self) -> list[str]:
        """The command line of ``wirestat live`` that captures so."""
        words = [word for name in self.interfaces for word in ("-i", name)]
        options = (("--duration", self.duration), ("-f", self.capture_filter), ("-Z", self.user))
        return words + [word for name, value in options if value for word in (name, value)]

    def judge_user(self) -> None:
        """Reject ``-Z`` where nothing is captured.

        Raises:
            UsageError: it is given, and ``-i`` is not.
        """
        if self.user and not self.interfaces:
            raise UsageError("-Z is about -i: a capture that is read takes no rights")
