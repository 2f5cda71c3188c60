"""Two ends that each speak by a timer of their own, and answer nothing."""

from wirestat.model import Connection, Endpoint

_TURNS = 8
"""Of fewer, waits of all lengths are chance."""
_BRIEF = 1000
"""A heartbeat has fewer bytes, on the average of a turn."""
_ALIKE = 5
"""The longest waits of both ends differ by no more than one part in so many: both are the shorter period."""
_MIDDLE = (0.35, 0.65)
"""Waits of all lengths up to the longest, each as likely, are half as long on the average."""


def keep_their_own_time(connections: list[Connection]) -> bool:
    """Say whether both ends wait for each other for any time up to the same longest, as two timers do.

    The end whose timer runs out sooner speaks at the latest one period after the other has; so the other, which
    speaks in between, waits for no longer than that either. A server that is asked takes a time of its own, as does
    whoever asks: their longest waits are equal, and their averages half of these, by chance alone.
    """
    turns = sum(one.server.turns for one in connections)
    ends = [[one.client for one in connections], [one.server for one in connections]]
    longest = [max(end.longest_think_ns for end in side) for side in ends]
    if turns < _TURNS or not all(longest) or max(longest) - min(longest) > max(longest) // _ALIKE:
        return False
    return all(_is_of_a_timer(side, most) for side, most in zip(ends, longest, strict=True))


def _is_of_a_timer(side: list[Endpoint], longest_ns: int) -> bool:
    turns = sum(end.turns for end in side)
    least, most = (part * longest_ns * turns for part in _MIDDLE)
    return (
        sum(end.bytes for end in side) < _BRIEF * turns and least <= sum(end.think_ns for end in side) <= most
    )
