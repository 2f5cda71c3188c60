"""How an end probes its idle connection, held against the timers that its stack has by default."""

from wirestat.diagnosis.case import End
from wirestat.diagnosis.rivals import Rival, ruled_out, unlikely
from wirestat.model import Sighting
from wirestat.spans import span
from wirestat.timers import Timers
from wirestat.vocabulary import Fact

_PAIR = 2
"""Fewer probes tell nothing of how far apart they are."""
_TENTH = 10
"""Silences that differ by one part in so many are of one length: timers of kernels tick coarsely."""


def silence(end: End, timers: Timers) -> str:
    """Say after how much silence it probes, and whether that is the profile's time."""
    idle, usual = end.figure(Fact.KEEPALIVE_SENT) or 0, timers.keepalive_time_ns
    words = f"after {span(idle)} of silence"
    if abs(idle - usual) <= usual // _TENTH:
        return f"{words}, the default of the {timers.name} profile"
    return f"{words} (the {timers.name} profile: {span(usual)})"


def rhythm(end: End, timers: Timers) -> str:
    """Say how far apart unanswered probes are, and how many the profile allows; nothing where that did not show."""
    first, second = end.fact(Fact.KEEPALIVE_SENT), end.fact(Fact.KEEPALIVE_UNANSWERED)
    if first is None or second is None:
        return ""
    apart = second.time_ns - first.time_ns
    idle = first.figure or 0
    if not 0 < apart <= idle + idle // _TENTH:
        return ""  # the first probe of all was answered, and is not the one before
    allowed = f"{timers.keepalive_probes} of them, {span(timers.keepalive_interval_ns)} apart"
    return f", {span(apart)} apart (the {timers.name} profile gives up after {allowed})"


def patience(end: End, gave_up: Sighting | None, probes: int) -> str:
    """Say for how long an end probed before it gave up, as if all of its probes were equally far apart."""
    second = end.fact(Fact.KEEPALIVE_UNANSWERED)
    if second is None or gave_up is None or probes < _PAIR:
        return ""
    took = (gave_up.time_ns - second.time_ns) * probes // (probes - 1)
    return f" within about {span(took)}" if took else ""


def is_octet(end: End) -> bool:
    """Say whether all that it sent again was one octet at a time: some stacks probe idle connections with that."""
    record = end.record
    is_urgent = end.has(Fact.URGENT_RESENT)
    return (
        not is_urgent
        and record.unacknowledged_bytes == 1
        and record.retransmitted_bytes == record.retransmitted_frames > 0
    )


def reopened_before_probes(end: End) -> bool:
    """Say whether the other end had shut its window, and told of room again before probes that it does not answer."""
    probed, heard = end.fact(Fact.KEEPALIVE_UNANSWERED), end.other.record.last_time_ns
    if probed is None or heard is None or not end.other.record.window:
        return False
    return not end.has(Fact.DATA_RESENT) and heard < probed.time_ns


def window_that_was_shut(end: End) -> Rival:
    """Weigh a window of zero: where one was told of and opened again, its prober may not have heard of that."""
    if end.other.has(Fact.ZERO_WINDOW):
        return unlikely(
            "a zero window (D23)",
            "it was opened again; that word may be lost, and a probe is answered either way",
        )
    return ruled_out("a zero window (D23)", "none was advertised")
