"""Changes of state are reported in their order, however many are pending, and keep no memory afterwards."""

import tracemalloc

from bench.traffic import talk
from wirestat.timers import PROFILES
from wirestat.tracker import Limits, Tracker

CONNECTIONS = 3_000
MICROSECOND = 1_000
MOST_BYTES = 4_000_000


def busy(limits: Limits | None = None) -> Tracker:
    """Return a tracker with many changes of state that have not been read yet."""
    tracker = Tracker(PROFILES["linux"], limits, release=True, events=True)
    frames = [frame for number in range(CONNECTIONS) for frame in talk(number)]
    tracker.feed(1, [(place * MICROSECOND, len(frame), frame) for place, frame in enumerate(frames)])
    return tracker


def test_all_changes_are_reported_in_order() -> None:
    events = list(busy().events())
    times = [event.what.time_ns for event in events]
    assert len(events) >= 10 * CONNECTIONS
    assert times == sorted(times)
    assert {event.connection for event in events} == set(range(1, CONNECTIONS + 1))


def test_changes_that_come_while_others_are_read_are_reported_too() -> None:
    tracker = busy()
    told = tracker.events()
    first = next(told)
    tracker.feed(1, [(10**9, len(frame), frame) for frame in talk(CONNECTIONS)])
    assert {event.connection for event in [first, *told]} == set(range(1, CONNECTIONS + 2))
    assert not list(tracker.events())


def test_many_changes_are_not_in_memory_at_once() -> None:
    tracker = busy()
    tracemalloc.start()
    try:
        told = sum(1 for _ in tracker.events())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert told >= 10 * CONNECTIONS
    assert peak < MOST_BYTES
