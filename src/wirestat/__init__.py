"""netstat, from the wire: the TCP state of both ends of every connection in a capture.

>>> import wirestat
>>> report = wirestat.analyze("capture.pcap")  # doctest: +SKIP
>>> for connection in report.connections():  # doctest: +SKIP
...     print(connection.client.address, connection.client.state, connection.server.state)
"""

from __future__ import annotations

import os

from wirestat.version import __version__ as __version__

TYPE_CHECKING = False  # as in typing, which takes longer to load than to say the version
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, BinaryIO, Literal

    from wirestat.analysis import Keep
    from wirestat.capture.engines import Engine
    from wirestat.capture.source import Progress
    from wirestat.report.build import Report
    from wirestat.report.compared.build import Compared
    from wirestat.timers import Timers
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
        captures: paths of capture files, or ``-`` for standard input; the bytes of captures; files that are open for
            reading bytes. Several are read as one, in the order of their times.
        timers: a profile of ``wirestat.timers``, or its name.
        keep: ``all`` connections, or with ``summary`` only their counts and a few examples of each kind.
        trace: the id of a connection of which every segment is kept, for ``Report.ladder``; with ``all``, those
            of all connections, up to a million: beyond them, plain connections that are closed give up theirs.
        max_connections: connections held at once; beyond it the least useful are let go, and counted.
        progress: called now and then with the bytes read and the bytes there are; answers whether to go on.
        engine: who reads and dissects: ``native``, ``scapy`` or ``pyshark``.
        filter: an expression as tcpdump has them; frames that do not match are left out.
        display_filter: a display filter of Wireshark, for the engine ``pyshark``.
        tshark: the whole path of the tshark to run, for the engine ``pyshark``; without it, the installed one.
        conn_log: also take notes of what Zeek would log of each connection, for ``wirestat.export.zeek``: half a
            kilobyte each.
        jobs: threads that track connections, each its own share; without it, one for each processor, and for small
            files one. They share what the engine ``native`` reads from files that are not compressed, unless a
            ``filter``, ``trace`` or ``conn_log`` is given. What comes out is the same.

    Raises:
        InputError: no capture could be read at all. A capture that ends too early is no exception: what was read is
            reported, and the capture's ``error`` says where and why it ended.
        PermissionDenied: the capture may not be read.
        Unavailable: the engine, or what a filter takes, is not installed.
        UsageError: no capture is named; there is no such timer profile, engine or ``keep``; a filter makes no sense.
    """
    from wirestat.analysis import Analysis
    from wirestat.capture import engines
    from wirestat.capture.given import Renamed, as_files
    from wirestat.jobs import default_jobs
    from wirestat.report.build import build
    from wirestat.timers import profile
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
    return build(Analysis(source, tracker, chosen, keep, " ".join((display_filter or filter).split())))


def compare(
    *paths: str | os.PathLike[str],
    points: Sequence[str] | None = None,
    timers: str | Timers = "linux",
    max_connections: int | None = None,
    max_segments: int | None = None,
    progress: Progress | None = None,
    jobs: int | None = None,
) -> Compared:
    """Read captures of the same traffic, taken at different points, and tell what became of each segment.

    Args:
        paths: two capture files or more, the one taken nearest to the clients first.
        points: what to call the places where they were taken; without them their file names, which may take
            folders to tell apart.
        timers: a profile of ``wirestat.timers``, or its name.
        max_connections: connections held at once of each capture.
        max_segments: segments of each capture that are compared, at 48 bytes each; those beyond are counted.
        progress: called now and then with the bytes read and the bytes there are; answers whether to go on.
        jobs: captures that are read at a time, each by a thread; without it, one for each processor. What comes out
            is the same.

    Raises:
        InputError: a capture could not be read at all.
        PermissionDenied: a capture may not be read.
        UsageError: there is no such timer profile, there are too few captures or too many, or not a name for each.
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
    """Track packets that somebody else captures: scapy's, or a capture of pyshark's.

    Args:
        packets: packets of scapy, from whatever iterable; or a ``FileCapture``, ``LiveCapture``, ``RemoteCapture`` or
            ``PipeCapture`` of pyshark. Of such a capture the description is taken and not the packets: tshark is
            run beside it, so that it works inside of a running event loop and in any thread. A live one is read to
            its end: give it one, as ``custom_parameters=["-c", "1000"]``.
        timers: a profile of ``wirestat.timers``, or its name.
        keep: ``all`` connections, or with ``summary`` only their counts and a few examples of each kind.

    Raises:
        Unavailable: scapy, pyshark or tshark is not installed.
        UsageError: there is no such timer profile or ``keep``, or a capture of that kind cannot be tracked.

    To follow packets as they are sniffed, see :class:`Tracking`.
    """
    from wirestat.analysis import Analysis
    from wirestat.capture import engines
    from wirestat.report.build import build
    from wirestat.timers import profile
    from wirestat.tracker import Tracker

    chosen = profile(timers) if isinstance(timers, str) else timers
    tracker = Tracker(chosen, release=_lets_go(keep))
    source = engines.packets(packets)
    try:
        source.drain(tracker.core)
    finally:
        source.close()
    return build(Analysis(source, tracker, chosen, keep))


def _lets_go(keep: str) -> bool:
    """Whether connections that are over are let go."""
    if keep not in ("all", "summary"):
        from wirestat.errors import UsageError

        raise UsageError(f"keep is 'all' or 'summary', and not {keep!r}")
    return keep == "summary"


def __getattr__(name: str) -> Any:
    """Load what is only sometimes needed when it is asked for."""
    if name == "Tracking":
        from wirestat.tracking import Tracking

        return Tracking
    raise AttributeError(f"module 'wirestat' has no attribute {name!r}")
