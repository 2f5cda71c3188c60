"""Parsing of points in time."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from wirestat.errors import UsageError
from wirestat.timers import SECOND, duration
from wirestat.zones import IN_UTC, Zone

if TYPE_CHECKING:
    from wirestat.commands.voice import Voice
    from wirestat.report.build import Report

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = r"\d+(\.\d+)?"
_DAY_NS = 86_400 * SECOND


class Instant(msgspec.Struct, frozen=True):
    """A point in time, possibly counted from the start of the capture; all ``None``: its end."""

    absolute_ns: int | None = None
    after_start_ns: int | None = None
    of_day_ns: int | None = None
    """Time of day in UTC, in ns: its first occurrence after the start."""
    of_day: tuple[time, Zone] | None = None
    """Time of day in a zone whose UTC offset depends on the day: its first occurrence after the start."""

    def resolve(self, start_ns: int, end_ns: int) -> int:
        """Return nanoseconds since the Unix epoch."""
        if self.absolute_ns is not None:
            return self.absolute_ns
        if self.of_day_ns is not None:
            return start_ns + (self.of_day_ns - start_ns) % _DAY_NS
        if self.of_day is not None:
            return _first_from(start_ns, *self.of_day)
        return end_ns if self.after_start_ns is None else start_ns + self.after_start_ns

    def resolve_within(self, start_ns: int, end_ns: int) -> int | None:
        """Return nanoseconds since the Unix epoch; a time of day is its last occurrence in the span.

        ``None`` if the span has no such time of day.
        """
        if self.of_day_ns is not None:
            found = end_ns - (end_ns - self.of_day_ns) % _DAY_NS
        elif self.of_day is not None:
            found = _last_until(end_ns, *self.of_day)
        else:
            return self.resolve(start_ns, end_ns)
        return found if found >= start_ns else None


def parse_instant(text: str, zone: Zone = IN_UTC) -> Instant:
    """Read ``end``, ``+12.5`` (seconds, or any duration, from the start), an epoch time, or ISO 8601.

    An ISO time without an offset is in the ``zone``, as in reports; one without a date is the first such time after
    the start of the capture.

    >>> parse_instant("+1.5m").resolve(0, 0) // SECOND
    90
    >>> parse_instant("2026-01-02T03:04:05Z") == parse_instant("1767323045")
    True
    >>> parse_instant("03:04:05").resolve(1767323000 * SECOND, 0) == 1767323045 * SECOND
    True
    >>> (parse_instant("05:04:00+02:00").resolve(1767323045 * SECOND, 0) - 1767323045 * SECOND) // SECOND
    86395

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
    if re.fullmatch(_NUMBER, text, re.ASCII):
        return Instant(absolute_ns=duration(text))
    text = text.removesuffix(" UTC")
    try:
        if ":" in text[:3]:
            of_day = time.fromisoformat(text)
            if of_day.tzinfo is None and zone != IN_UTC:
                return Instant(of_day=(of_day, zone))
            return Instant(of_day_ns=_ns_since_1970(datetime.combine(_EPOCH, of_day)))
        return Instant(absolute_ns=_ns_since_1970(zone.of(datetime.fromisoformat(text))))
    except ValueError:
        raise UsageError(
            f"{text!r} is not a point in time",
            hint="write end, +12.5, 03:04:05, 2026-01-02T03:04:05Z or epoch seconds",
        ) from None


def as_of(at: Instant | None, report: "Report") -> int:
    """Return an instant of a capture, in Unix ns: its end if none is asked for, and never one beyond its end."""
    return min((at or Instant()).resolve(report.start_ns, report.end_ns), report.end_ns)


def warn_outside(at: Instant | None, report: "Report", voice: "Voice") -> None:
    """Warn of an instant of which the capture knows nothing."""
    at_ns = (at or Instant()).resolve(report.start_ns, report.end_ns)
    if at_ns < report.start_ns:
        voice.warning("the capture begins after that time; '+' counts from its start, as in +12.5")
    if at_ns > report.end_ns:
        voice.warning("the capture ends before that time: this is as of its last frame")


def _first_from(start_ns: int, of_day: time, zone: Zone) -> int:
    """Return the first time after the start, in Unix ns, with that time of day in a zone."""
    found = _on_days(start_ns, range(3), of_day, zone)
    return next((one for one in found if one >= start_ns), found[-1])


def _last_until(end_ns: int, of_day: time, zone: Zone) -> int:
    """Return the last time up to the end, in Unix ns, with that time of day in a zone."""
    found = _on_days(end_ns, range(0, -3, -1), of_day, zone)
    return next((one for one in found if one <= end_ns), found[-1])


def _on_days(near_ns: int, days: range, of_day: time, zone: Zone) -> list[int]:
    """Return a time of day on some days, counted from that of an instant."""
    today = zone.at(near_ns).date()
    times = (datetime.combine(today + timedelta(days=day), of_day) for day in days)
    return [_ns_since_1970(zone.of(one)) for one in times]


def _ns_since_1970(moment: datetime) -> int:
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    return since // timedelta(microseconds=1) * (SECOND // 1_000_000)


def parse_zone(text: str) -> Zone:
    """Parse ``UTC``, ``local``, or an IANA name such as ``Europe/Berlin``.

    Raises:
        UsageError: the zone is unknown on this machine.
    """
    if text.strip().upper() in ("UTC", "Z"):
        return Zone()
    if text.strip().lower() == "local":
        return Zone(None)
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return Zone(ZoneInfo(text.strip()))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"{text!r} is not a known time zone", hint="UTC, local, or a name as Europe/Berlin"
        ) from None


def as_word(time_ns: int, zone: Zone | None) -> str:
    """Write a time as one word: seconds since 1970, or with a zone ISO 8601.

    >>> as_word(1_767_323_045_250_000_000, None), as_word(1_767_323_045_250_000_000, Zone())
    ('1767323045.250000000', '2026-01-02T03:04:05.250000000Z')
    """
    if zone is None:
        return f"{time_ns // SECOND}.{time_ns % SECOND:09d}"
    return f"{zone.at(time_ns):%Y-%m-%dT%H:%M:%S}.{time_ns % SECOND:09d}{zone.sign(time_ns, 'Z')}"
