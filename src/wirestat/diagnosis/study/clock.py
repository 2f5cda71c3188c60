"""Steps of the capture's clock: it was set back, or forward, while the capture ran.

Times across a step are longer or shorter than they look. A step back shows in the times of the frames; one forward
only where the time stamps of both ends of a connection tell that there was no such silence.
"""

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.model import Connection, Evidence, State
from wirestat.timers import DAY, SECOND
from wirestat.vocabulary import Fact

_SET = SECOND
"""Several queues or interfaces of one host disagree by less."""
_OVER = (State.CLOSED, State.TIME_WAIT)


class ClockStep(msgspec.Struct, frozen=True):
    """The clock was set."""

    before: int
    """The last frame that is known to have come before."""
    after: int
    """The first that is known to have come after."""
    by_ns: int
    """How much later it was then; less than 0 where it was set back."""
    time_ns: int
    """When, by the new time."""

    def was_lived_through(self, one: Connection) -> bool:
        """Say whether a connection began before it, and ended after it or not at all."""
        is_over = one.client.state in _OVER and one.server.state in _OVER
        return one.first_frame <= self.before and (not is_over or one.last_frame >= self.after)


def steps(analysis: Analysis) -> tuple[ClockStep, ...]:
    """Return them, as far as connections tell, of one file that has few of them."""
    back = any(capture.backward_steps for capture in analysis.captures)
    forward = any(Fact.CLOCK_LEAPT in item.facts for item in analysis.summary.signatures)
    if not (back or forward) or len(analysis.captures) != 1 or not is_few(analysis):
        return ()
    connections = list(analysis.connections())
    return (*(_back(connections) if back else ()), *(_forward(connections) if forward else ()))


def wait_beyond_sense(analysis: Analysis) -> Connection | None:
    """Return a connection of whose handshake one step took a day and more: no host waits for so long.

    Then the times of the file are none, and no length of time tells anything.
    """
    if _whole_ns(analysis) < DAY or not is_few(analysis):
        return None
    return next((one for one in analysis.connections() if longest_step_ns(one) >= DAY), None)


def _whole_ns(analysis: Analysis) -> int:
    """Return how far the earliest and the latest time of a frame are apart, in ns: no step takes longer."""
    of_captures = ((one.first_time_ns, one.last_time_ns) for one in analysis.captures)
    summary = analysis.summary
    pairs = (*of_captures, (summary.first_time_ns, summary.last_time_ns))
    known = [time_ns for pair in pairs for time_ns in pair if time_ns is not None]
    return max(known) - min(known) if known else 0


def longest_step_ns(one: Connection) -> int:
    """Return how long the longest step of its handshake took, in ns."""
    return max(one.syn_to_syn_ack_ns or 0, one.syn_ack_to_ack_ns or 0)


def _back(connections: list[Connection]) -> Iterator[ClockStep]:
    seen = sorted({moment for one in connections for moment in _moments(one)})
    for (frame, time_ns), (after, later_ns) in pairwise(seen):
        if time_ns - later_ns >= _SET:
            yield ClockStep(frame, after, later_ns - time_ns, later_ns)


def _moments(one: Connection) -> Iterator[tuple[int, int]]:
    """Yield frames with their times: what a timer has caused has a time of its own."""
    yield one.first_frame, one.first_time_ns
    for step in one.transitions:
        if step.evidence is not Evidence.TIMER:
            yield step.frame, step.time_ns


def _forward(connections: list[Connection]) -> Iterator[ClockStep]:
    for one in connections:
        for seen in one.facts:
            if seen.fact is Fact.CLOCK_LEAPT and seen.figure:
                yield ClockStep(seen.frame - 1, seen.frame, seen.figure, seen.time_ns)
