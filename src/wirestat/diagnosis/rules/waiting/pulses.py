"""Programs that stand still again and again: all who wait are answered at once, every so many milliseconds."""

from collections.abc import Iterable, Iterator

from wirestat.diagnosis.advice import advise, at, ss_listen_at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.instants import middle
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import percent
from wirestat.model import Connection, Fault, Severity, Side, Sighting
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_SEVERAL = 3
_LEAST, _MOST = 200 * MILLISECOND, 5 * SECOND
"""Shorter pauses annoy nobody; who speaks less often has a timer of its own."""
_ANSWERS = 4
"""A connection with fewer answers shows no rhythm, whatever its server does."""
_EQUAL = 20
"""Rhythms are one that differ by no more than one part in so many, and beat as close together."""
_ASKED, _BEATS = 4, 3
"""Who is asked answers so many times in so many beats at least; who tells news by a clock, once in each."""
_GOOD_PART = 3
"""Of its time it stands still for one part in so many at least."""
_UNFIT = {Fact.MID_STREAM, Fact.ONE_WAY, Fact.DATA_RESENT, Fact.ZERO_WINDOW}


def pulses(analysis: Analysis, sockets: Iterable[list[Connection]], told: set[int]) -> Iterator[Overall]:
    """Tell of those sockets that answer by a rhythm of their own, which several connections share.

    Those of whose connections any is among the ids ``told`` are told of already.
    """
    for connections in sockets:
        if any(one.id in told for one in connections):
            continue
        beating = [(one, beat) for one in connections if (beat := _beat(one)) is not None]
        kept = [one for one in connections if one.server.turns >= _ANSWERS]
        if len(beating) < _SEVERAL or 2 * len(beating) <= len(kept):
            continue
        period = common_period([beat for _, beat in beating])
        if period:
            yield _pulsing(analysis, [one for one, _ in beating], period)


def common_period(beats: list[Sighting]) -> int:
    """Return the period that several rhythms share, at the same instants, in ns; 0 where they do not."""
    periods = [beat.figure or 0 for beat in beats]
    period = middle(periods)
    if (max(periods) - min(periods)) * _EQUAL > period:
        return 0
    at = [beat.time_ns for beat in beats]
    if _is_together(at, period):
        return period
    # Periods are averages of a few beats: over many of them, the time from the first to the last tells it better.
    count = round((max(at) - min(at)) / period)
    if count < 1 or len(beats) <= _SEVERAL:
        return 0
    period = (max(at) - min(at)) // count
    is_near = min(periods) * (_EQUAL - 1) <= period * _EQUAL <= max(periods) * (_EQUAL + 1)
    return period if is_near and _is_together(at, period) else 0


def _is_together(instants: list[int], period: int) -> bool:
    """Say whether instants are whole periods apart."""
    off = [(at - instants[0] + period // 2) % period - period // 2 for at in instants]
    return (max(off) - min(off)) * _EQUAL <= period


def _beat(one: Connection) -> Sighting | None:
    """Return the rhythm of a server that is asked more often than it beats, and lets most of each beat pass."""
    beat, client, server = sighting(one, Fact.HEARTBEATS, Side.SERVER), one.client, one.server
    if beat is None or not _LEAST <= (beat.figure or 0) <= _MOST or server.unseen_bytes:
        return None
    if any(seen.fact in _UNFIT for seen in one.facts) or abs(client.turns - server.turns) > 1:
        return None
    life, period = one.last_time_ns - one.first_time_ns, beat.figure or 1
    beats = life // period
    # A server that tells news by a clock, and is answered, speaks once a beat and no more.
    is_asked = _BEATS * server.turns >= _ASKED * beats and client.think_ns < server.think_ns
    return beat if is_asked and server.think_ns * _GOOD_PART >= life else None


def _pulsing(analysis: Analysis, beating: list[Connection], period: int) -> Overall:
    server = beating[0].server
    longest = max(one.server.longest_think_ns for one in beating)
    still = sum(one.server.think_ns for one in beating)
    whole = sum(one.last_time_ns - one.first_time_ns for one in beating)
    return Overall(
        severity=Severity.NOTE,
        doubts=("a program that collects requests and answers them by a clock does the same",),
        fault=Fault.SERVER,
        explanation=f"{socket(server.address, server.port)} answers {some(len(beating), 'connection')} at once for a "
        f"while, and then none of them for up to {span(longest)}, again every {span(period)}, at the same instants: "
        f"it let them wait for {percent(still, whole)} of their time. It acknowledges what they ask meanwhile: the "
        "program stands still, and its kernel goes on.",
        rivals=(
            cause("a quota of processor time that is used up in each period (a container's CPU limit)"),
            cause("a program that sleeps, or collects garbage, by a rhythm"),
            ruled_out("a slow network", "the waits end at one instant on all connections"),
            still_open("a timer of the program by which it answers"),
        ),
        advice=advise(
            "See whether the program is throttled, and what it does in the pauses.",
            at(
                server.address,
                analysis.timers.name,
                "grep throttled /sys/fs/cgroup/*/cpu.stat /sys/fs/cgroup/cpu.stat",
            ),
            ss_listen_at(server.address, server.port, analysis.timers.name),
        ),
        **of_connections(beating),
        place=place_of_examples(analysis, [one.id for one in beating], are_all=True),
    )
