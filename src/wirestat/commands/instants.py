"""Points in time as people type them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wirestat.errors import UsageError
from wirestat.timers import SECOND, duration

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time, possibly counted from the start of the capture; both ``None``: its end."""

    absolute_ns: int | None = None
    after_start_ns: int | None = None

    def resolve(self, start_ns: int, end_ns: int) -> int:
        """Return nanoseconds since the Unix epoch."""
        if self.absolute_ns is not None:
            return self.absolute_ns
        return end_ns if self.after_start_ns is None else start_ns + self.after_start_ns


def parse_instant(text: str) -> Instant:
    """Read ``end``, ``+12.5`` (seconds, or any duration, from the start), an epoch time, or ISO 8601.

    An ISO time without an offset is UTC, as the reports write it.

    >>> parse_instant("+1.5m").resolve(0, 0) // SECOND
    90
    >>> parse_instant("2026-01-02T03:04:05Z") == parse_instant("1767323045")
    True

    Raises:
        UsageError: it is none of these.
    """
    text = text.strip()
    if text.lower() == "end":
        return Instant()
    if text.startswith("+"):
        try:
            return Instant(after_start_ns=duration(text[1:]))
        except UsageError:
            raise UsageError(
                f"{text!r} is not a point in time",
                hint="from the start: +12.5 (seconds), +500ms, +2m or +1.5h",
            ) from None
    if _NUMBER.fullmatch(text):
        return Instant(absolute_ns=duration(text))
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        raise UsageError(
            f"{text!r} is not a point in time", hint="write end, +12.5, 2026-01-02T03:04:05Z or epoch seconds"
        ) from None
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    return Instant(absolute_ns=since // timedelta(microseconds=1) * (SECOND // 1_000_000))
