"""netstat, from the wire: the TCP state of both ends of every connection in a capture.

>>> import wirestat
>>> report = wirestat.analyze("capture.pcap")  # doctest: +SKIP
>>> for connection in report.connections():  # doctest: +SKIP
...     print(connection.client.address, connection.client.state, connection.server.state)
"""

import os
from typing import TYPE_CHECKING

from wirestat.version import __version__ as __version__

if TYPE_CHECKING:
    from wirestat.analysis import Keep
    from wirestat.capture.native import Progress
    from wirestat.report.build import Report
    from wirestat.timers import Timers

__all__ = ["__version__", "analyze"]


def analyze(
    *paths: str | os.PathLike[str],
    timers: "str | Timers" = "linux",
    keep: "Keep" = "all",
    trace: int | None = None,
    max_connections: int | None = None,
    progress: "Progress | None" = None,
) -> "Report":
    """Read captures and say which state both ends of every TCP connection are in.

    Args:
        paths: capture files, or ``-`` for standard input; several are read as one, in the order of their times.
        timers: a profile of ``wirestat.timers``, or its name.
        keep: ``all`` connections, or with ``summary`` only their counts and a few examples of each kind.
        trace: the id of a connection of which every segment is kept, for ``Report.ladder``.
        max_connections: connections held at once; beyond it the least useful are let go, and counted.
        progress: called now and then with the bytes read and the bytes there are; answers whether to go on.

    Raises:
        InputError: no capture could be read at all. A capture that ends too early is no exception: what was read is
            reported, and the capture's ``error`` says where and why it ended.
        PermissionDenied: the capture may not be read.
        UsageError: there is no such timer profile.
    """
    from wirestat.analysis import Analysis
    from wirestat.capture.native import NativeSource
    from wirestat.report.build import build
    from wirestat.timers import profile
    from wirestat.tracker import Limits, Tracker

    chosen = profile(timers) if isinstance(timers, str) else timers
    limits = Limits() if max_connections is None else Limits(max_connections=max_connections)
    tracker = Tracker(chosen, limits, release=keep == "summary", trace=trace)
    source = NativeSource(paths)
    source.drain(tracker.core, progress)
    return build(Analysis(source, tracker, chosen, keep))
