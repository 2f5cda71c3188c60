"""Verbs that read captures, or capture with ``-i``: the options that they pass to ``wirestat live``."""

import msgspec

from wirestat.errors import UsageError


class Capturing(msgspec.Struct, frozen=True, kw_only=True):
    """The capture options of a command line."""

    interfaces: tuple[str, ...]
    duration: str | None
    capture_filter: str | None
    user: str | None

    @property
    def words(self) -> list[str]:
        """The equivalent command line of ``wirestat live``."""
        words = [word for name in self.interfaces for word in ("-i", name)]
        options = (("--duration", self.duration), ("-f", self.capture_filter), ("-Z", self.user))
        return words + [word for name, value in options if value for word in (name, value)]

    def judge_user(self) -> None:
        """Reject ``-Z`` without ``-i``.

        Raises:
            UsageError: it is given, and ``-i`` is not.
        """
        if self.user and not self.interfaces:
            raise UsageError("-Z needs -i: reading a capture takes no privileges")
