"""In which time zone times are written, and read where they name none: this imports nothing of wirestat."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

import msgspec

_SECOND = 1_000_000_000


class Zone(msgspec.Struct, frozen=True):
    """UTC, the zone of this host as ``TZ`` or its settings have it, or one by its name."""

    info: tzinfo | None = UTC
    """``None``: that of this host."""

    def at(self, time_ns: int) -> datetime:
        """Return a point in time, Unix ns, to the second below it."""
        whole = time_ns // _SECOND
        return (
            datetime.fromtimestamp(whole).astimezone()
            if self.info is None
            else datetime.fromtimestamp(whole, self.info)
        )

    def of(self, moment: datetime) -> datetime:
        """Give a moment that names no zone this one."""
        if moment.tzinfo is not None:
            return moment
        return moment.astimezone() if self.info is None else moment.replace(tzinfo=self.info)

    def sign(self, time_ns: int, utc: str) -> str:
        """Write what stands behind a time: ``utc`` where it is in UTC, else how far from it, as ``+01:00``."""
        return utc if self.info is UTC else self.at(time_ns).isoformat()[19:]
