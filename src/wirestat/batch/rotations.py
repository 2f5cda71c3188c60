"""Groups captures: the files of one rotation, recognized by their names and the times of their frames."""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import msgspec

from wirestat.batch.sources import Input
from wirestat.errors import WirestatError

APART_NS = 60_000_000_000
"""A longer gap between the last frame of a file and the first of the next separates two captures: tcpdump and dumpcap
lose less than a second between files, and a silent minute on a captured link is rare."""

_NUMBERS = re.compile(r"\d+")


class Extent(msgspec.Struct, frozen=True):
    """The times of a capture's first and last frames, in Unix ns."""

    first_ns: int
    last_ns: int


def joined(sources: Iterable[Input], apart_ns: int = APART_NS) -> list[tuple[Input, ...]]:
    """Group captures that belong together, in the order of their times.

    They lie in the same folder, their names are the same but for numbers (as in ``x.pcap3`` or
    ``x_00003_20261128120000.pcap``), and each begins less than ``apart_ns`` after all before it have ended. A
    capture of which no frame can be read, and one in an archive, stands for itself.
    """
    alike: defaultdict[tuple[str, str], list[Input]] = defaultdict(list)
    for source in sources:
        path = Path(source.path)
        # A member of an archive is read through a pipe, which can be read only once.
        name = source.name if source.member else _NUMBERS.sub("#", path.name)
        alike[str(path.parent), name].append(source)
    groups: list[tuple[Input, ...]] = []
    for rotation in alike.values():
        groups.extend([tuple(rotation)] if len(rotation) == 1 else _apart(rotation, apart_ns))
    return groups


def _apart(rotation: list[Input], apart_ns: int) -> list[tuple[Input, ...]]:
    spans = [(source, span(source)) for source in rotation]
    groups: list[list[Input]] = []
    until = 0
    for source, known in sorted(((s, k) for s, k in spans if k), key=lambda pair: pair[1].first_ns):
        if not groups or known.first_ns - until > apart_ns:
            groups.append([])
            until = known.last_ns
        groups[-1].append(source)
        until = max(until, known.last_ns)
    return [*map(tuple, groups), *((source,) for source, known in spans if known is None)]


def span(source: Input) -> Extent | None:
    """Read the times of a capture's first and last frames, without decoding any.

    Returns ``None`` where there are none.
    """
    from wirestat.capture import engines
    from wirestat.timers import profile
    from wirestat.tracker import Limits, Tracker

    tracker = Tracker(profile("linux"), Limits(), release=True)
    engines.apply_filter(tracker.core, "native", "less 1")  # no frame is that short
    try:
        frames = engines.files("native", [source.path])
        frames.drain(tracker.core)
    except WirestatError:
        return None
    (capture,) = frames.captures()
    if capture.first_time_ns is None or capture.last_time_ns is None:
        return None
    return Extent(capture.first_time_ns, capture.last_time_ns)
