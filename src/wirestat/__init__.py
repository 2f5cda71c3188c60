"""netstat, from the wire: the TCP state of both ends of every connection in a capture.

>>> import wirestat
>>> report = wirestat.analyze("capture.pcap")  # doctest: +SKIP
>>> for connection in report.connections():  # doctest: +SKIP
...     print(connection.client.address, connection.client.state, connection.server.state)
"""

from __future__ import annotations

import os

from wirestat.version import __version__ as __version__

TYPE_CHECKING = False  # as in typing, whose import would take longer than printing the version
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, BinaryIO, Literal

    from wirestat.capture.engines import Engine
    from wirestat.capture.source import Progress
    from wirestat.report.build import Report
    from wirestat.report.compared.build import Compared
    from wirestat.timers import Timers
    from wirestat.tracked import Keep
    from wirestat.tracking import Tracking as Tracking

__all__ = ["Tracking", "__version__", "analyze", "compare", "track"]


def analyze(
    *captures: str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO,
    timers: str | Timers = "linux",
    keep: Keep = "all",
    trace: int | Literal["all"] | None = None,
    max_connections: int | None = None,
    progress: Progress | None = None,
    engine: Engine = "native",
    filter: str = "",
    display_filter: str | None = None,
    tshark: str | None = None,
    conn_log: bool = False,
    jobs: int | None = None,
) -> Report:
    """Read captures and say which state both ends of every TCP connection are in.

    Args:
        captures: paths of capture files, or ``-`` for standard input; the bytes of captures; open binary files.
            Several are read as one, in the order of their times.
        timers: a profile of ``wirestat.timers``, or its name.
        keep: ``all`` connections, or with ``summary`` only their counts and a few examples of each kind.
        trace: the id of a connection whose segments are all kept, for ``Report.ladder``; ``all`` keeps those of all
            connections, up to a million: beyond that, unremarkable closed connections lose theirs.
        max_connections: connections held at once; beyond it the least useful are evicted, and counted.
        progress: called now and then with the bytes read and the total; returns whether to go on.
        engine: who reads and dissects: ``native``, ``scapy`` or ``pyshark``.
        filter: a tcpdump filter expression; frames that do not match are left out.
        display_filter: a Wireshark display filter, for the engine ``pyshark``.
        tshark: the absolute path of the tshark to run, for the engine ``pyshark``; by default the installed one.
        conn_log: also keep the data for Zeek's log, for ``wirestat.export.zeek``: half a kilobyte per connection.
        jobs: threads that track connections, each its own share; by default one per processor, and one for small
            files. Only uncompressed files read by the engine ``native`` are shared, without a ``filter``, ``trace``
            or ``conn_log``. The result is the same.

    Raises:
        InputError: no capture could be read at all. A truncated capture raises nothing: the part that was read is
            reported, and the capture's ``error`` says where and why it ended.
        PermissionDenied: the capture may not be read.
        Unavailable: the engine, or a package that the filter needs, is not installed.
        UsageError: no capture is named; the timer profile, engine or ``keep`` is unknown; a filter is invalid.
    """
    from wirestat.capture import engines
    from wirestat.capture.temporary import Renamed, as_files
    from wirestat.jobs import default_jobs
    from wirestat.report.build import build
    from wirestat.timers import profile
    from wirestat.tracked import Tracked
    from wirestat.tracker import Limits, Tracker

    chosen = profile(timers) if isinstance(timers, str) else timers
    limits = Limits() if max_connections is None else Limits(max_connections=max_connections)
    tracker = Tracker(chosen, limits, release=_lets_go(keep), trace=trace)
    if conn_log:
        tracker.core.note_for_zeek()
    engines.apply_filter(tracker.core, engine, filter)
    with as_files(captures) as named:
        tracker.core.share(default_jobs(named.paths) if jobs is None else jobs)
        files = engines.files(engine, named.paths, display_filter=display_filter, tshark=tshark)
        source = Renamed(files, named)
        try:
            source.drain(tracker.core, progress)
        finally:
            source.close()
    return build(Tracked(source, tracker, chosen, keep, " ".join((display_filter or filter).split())))


def compare(
    *paths: str | os.PathLike[str],
    points: Sequence[str] | None = None,
    timers: str | Timers = "linux",
    max_connections: int | None = None,
    max_segments: int | None = None,
    progress: Progress | None = None,
    jobs: int | None = None,
) -> Compared:
    """Read captures of the same traffic, taken at different points, and determine the fate of each segment.

    Args:
        paths: two capture files or more; name the one taken nearest to the clients first, if that is known.
        points: the names of the points; by default their file names, with folders where these are needed to tell them
            apart.
        timers: a profile of ``wirestat.timers``, or its name.
        max_connections: connections held at once, per capture.
        max_segments: segments per capture that are compared, at 48 bytes each; those beyond are counted.
        progress: called now and then with the bytes read and the total; returns whether to go on.
        jobs: captures that are read at a time, each by a thread; by default one per processor. The result is the
            same.

    Raises:
        InputError: a capture could not be read at all.
        PermissionDenied: a capture may not be read.
        UsageError: the timer profile is unknown, there are too few or too many captures, or not a name for each.
    """
    from wirestat.comparison import compared
    from wirestat.errors import UsageError
    from wirestat.jobs import cores
    from wirestat.join import segments
    from wirestat.report.build import build
    from wirestat.report.compared.build import Compared
    from wirestat.timers import profile
    from wirestat.titles import printable, short
    from wirestat.tracker import Limits

    chosen = profile(timers) if isinstance(timers, str) else timers
    limits = Limits() if max_connections is None else Limits(max_connections=max_connections)
    named = short([os.fspath(path) for path in paths]) if points is None else points
    names = [printable(name) for name in named]
    if len(names) != len(paths):
        raise UsageError(f"{len(paths)} captures and {len(names)} names for their points")
    analysis, join = compared(
        list(zip(names, paths, strict=True)),
        chosen,
        limits,
        max_segments or segments(len(paths) or 1),
        progress,
        jobs or cores(),
    )
    return Compared(build(analysis, join), join)


def track(packets: Iterable[Any], *, timers: str | Timers = "linux", keep: Keep = "all") -> Report:
    """Track packets that scapy or pyshark captures.

    Args:
        packets: an iterable of scapy packets; or a ``FileCapture``, ``LiveCapture``, ``RemoteCapture`` or
            ``PipeCapture`` of pyshark. wirestat takes only the description of such a capture and runs tshark itself,
            so that this works inside a running event loop and in any thread. A live capture is read to its end: limit
            it, for instance with ``custom_parameters=["-c", "1000"]``.
        timers: a profile of ``wirestat.timers``, or its name.
        keep: ``all`` connections, or with ``summary`` only their counts and a few examples of each kind.

    Raises:
        Unavailable: scapy, pyshark or tshark is not installed.
        UsageError: the timer profile or ``keep`` is unknown, or a capture of that kind cannot be tracked.

    To follow packets as they are sniffed, see :class:`Tracking`.
    """
    from wirestat.capture import engines
    from wirestat.report.build import build
    from wirestat.timers import profile
    from wirestat.tracked import Tracked
    from wirestat.tracker import Tracker

    chosen = profile(timers) if isinstance(timers, str) else timers
    tracker = Tracker(chosen, release=_lets_go(keep))
    source = engines.packets(packets)
    try:
        source.drain(tracker.core)
    finally:
        source.close()
    return build(Tracked(source, tracker, chosen, keep))


def _lets_go(keep: str) -> bool:
    """Tell whether connections that are over are dropped."""
    if keep not in ("all", "summary"):
        from wirestat.errors import UsageError

        raise UsageError(f"keep is 'all' or 'summary', and not {keep!r}")
    return keep == "summary"


def __getattr__(name: str) -> Any:
    """Load rarely needed names on first access."""
    if name == "Tracking":
        from wirestat.tracking import Tracking

        return Tracking
    raise AttributeError(f"module 'wirestat' has no attribute {name!r}")
