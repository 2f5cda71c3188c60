"""The time zone for writing times, and for reading those without a zone. Imports nothing from wirestat."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

import msgspec

_SECOND = 1_000_000_000


class Zone(msgspec.Struct, frozen=True):
    """UTC, this host's zone from ``TZ`` or its settings, or a named zone."""

    info: tzinfo | None = UTC
    """``None`` for this host's zone."""

    def at(self, time_ns: int) -> datetime:
        """Return a point in time, given in Unix ns, rounded down to the second."""
        whole = time_ns // _SECOND
        return (
            datetime.fromtimestamp(whole).astimezone()
            if self.info is None
            else datetime.fromtimestamp(whole, self.info)
        )

    def of(self, moment: datetime) -> datetime:
        """Add this zone to a time without one."""
        if moment.tzinfo is not None:
            return moment
        return moment.astimezone() if self.info is None else moment.replace(tzinfo=self.info)

    def sign(self, time_ns: int, utc: str) -> str:
        """Return the suffix of a time: ``utc`` in UTC, else the offset, such as ``+01:00``."""
        return utc if self.info is UTC else self.at(time_ns).isoformat()[19:]


IN_UTC = Zone()
"""The zone of times that nobody chose another for."""
