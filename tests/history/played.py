"""A capture whose events are passed to the keeper of a history."""

from pathlib import Path

import wirestat
from wirestat.capture import engines
from wirestat.history.keeper import Keeper, Keeping
from wirestat.report.build import Report, build
from wirestat.timers import profile
from wirestat.tracked import Tracked
from wirestat.tracker import Limits, Tracker

_AS_EVER = Limits()


class Played:
    """A capture whose changes of state were passed to a keeper."""

    def __init__(
        self,
        path: Path,
        folder: Path,
        every_ns: int,
        *,
        past_ns: int = 1000,
        keep_bytes: int | None = None,
        limits: Limits = _AS_EVER,
    ) -> None:
        """Play the capture; write an interval each ``every_ns`` of its time, the last ``past_ns`` after its end."""
        self.path = path
        self.report = wirestat.analyze(path)
        timers = profile("linux")
        tracker = Tracker(timers, limits, release=False, events=True)
        keeper = Keeper(Keeping(folder, every_ns, keep_bytes=keep_bytes), self.report.start_ns, tracker)
        keeper.begin()
        source = engines.files("native", [path])
        source.drain(tracker.core)
        events = sorted(tracker.events(), key=lambda event: event.what.time_ns)
        self.whole = build(Tracked(source, tracker, timers, "all"))
        due_ns = self.report.start_ns + every_ns
        for event in events:
            while event.what.time_ns >= due_ns:
                keeper.write(due_ns, self.look)
                due_ns += every_ns
            keeper.take(event)
        keeper.write(self.report.end_ns + past_ns, self.look)

    def look(self) -> Report:
        """Return the report at the end."""
        return self.whole
