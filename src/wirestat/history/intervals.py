"""Intervals are files named by their time span, so that a query opens only the needed ones.

``spans-20261128T130000.000000Z-20261128T140000.000000Z.parquet`` holds every span of that hour, also those that began
before it or went on after it: an instant is answered from one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

_STAMP = "%Y%m%dT%H%M%S"
_NAME = re.compile(
    r"(spans|figures|findings)-(\d{8}T\d{6})\.(\d{6})Z-(\d{8}T\d{6})\.(\d{6})Z\.parquet", re.ASCII
)


class Interval(msgspec.Struct, frozen=True):
    """One file of spans."""

    path: Path
    start_ns: int
    end_ns: int


def name(kind: str, start_ns: int, end_ns: int) -> str:
    """Name the file of an interval, to the microsecond.

    >>> name("spans", 1_767_323_045_000_001_000, 1_767_323_046_000_000_000)
    'spans-20260102T030405.000001Z-20260102T030406.000000Z.parquet'
    """
    return f"{kind}-{_stamp(start_ns)}-{_stamp(end_ns)}.parquet"


def intervals(folder: Path) -> Iterator[Interval]:
    """Yield the intervals in a folder, in the order of their beginnings; other files are left alone."""
    for path in sorted(folder.glob("spans-*.parquet")):
        if found := _NAME.fullmatch(path.name):
            yield Interval(path, *_times_ns(found))


def files(folder: Path) -> dict[tuple[int, int], list[Path]]:
    """Return the files of each interval by its beginning and end, the oldest first; a kill may leave only some."""
    found: dict[tuple[int, int], list[Path]] = {}
    for path in folder.glob("*.parquet"):
        if known := _NAME.fullmatch(path.name):
            found.setdefault(_times_ns(known), []).append(path)
    return dict(sorted(found.items()))


def _times_ns(name: re.Match[str]) -> tuple[int, int]:
    return _time_ns(name[2], name[3]), _time_ns(name[4], name[5])


def _stamp(time_ns: int) -> str:
    whole = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC)
    return f"{whole:{_STAMP}}.{time_ns % 1_000_000_000 // 1000:06}Z"


def _time_ns(stamp: str, microseconds: str) -> int:
    # Not by strptime, which loads a module: in the sandbox there is none to load.
    date = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[9:11]}:{stamp[11:13]}:{stamp[13:]}+00:00"
    return int(datetime.fromisoformat(date).timestamp()) * 1_000_000_000 + int(microseconds) * 1000
