"""Servers that answer nobody any more when the capture ends, though their kernel takes what comes."""

from collections.abc import Iterable, Iterator

from wirestat.diagnosis.advice import advise, at, ss_listen_at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import instant
from wirestat.model import Connection, Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_SEVERAL = 3
_LONG = 10 * SECOND
_ANSWERS = 3
"""Of fewer answers, none tells how long one takes."""
_LONGER = 20
"""So many times the longest wait before: then it is no slow answer."""
_UNFIT = {Fact.ONE_WAY, Fact.DATA_RESENT, Fact.DATA_RESENT_UNANSWERED, Fact.RESET_LOOP, Fact.ZERO_WINDOW}


def still_waiting(analysis: Analysis, sockets: Iterable[list[Connection]]) -> Iterator[Overall]:
    """Tell of those sockets, by their connections, that left all their clients without an answer until the end."""
    now = analysis.now_ns
    if now is None:
        return
    for connections in sockets:
        waiting = [one for one in connections if _waits(one, now)]
        known = [one for one in waiting if one.server.turns >= _ANSWERS]
        if len(known) < _SEVERAL or any(_was_answered_since(one, waiting) for one in connections):
            continue
        longest = max(one.server.longest_think_ns for one in known)
        least = now - max(one.client.last_time_ns or 0 for one in known)
        if longest and least >= max(_LONG, _LONGER * longest):
            yield _stuck(analysis, waiting, longest, now)


def _waits(one: Connection, now: int) -> bool:
    """Say whether its client's last words were acknowledged, and nothing came after them."""
    client, server = one.client, one.server
    is_open = client.state is State.ESTABLISHED and server.state is State.ESTABLISHED
    if not is_open or client.turns != server.turns + 1 or client.unacknowledged_bytes or server.unseen_bytes:
        return False
    if any(seen.fact in _UNFIT for seen in one.facts):
        return False
    return now - (client.last_time_ns or now) >= _LONG


def _was_answered_since(one: Connection, waiting: list[Connection]) -> bool:
    """Say whether the server may have spoken on another connection since the last of these were asked."""
    asked = max(other.client.last_time_ns or 0 for other in waiting)
    is_asked = one.client.turns > one.server.turns
    return not is_asked and one.server.bytes > 0 and (one.server.last_time_ns or 0) > asked


def _stuck(analysis: Analysis, waiting: list[Connection], longest: int, now: int) -> Overall:
    server = waiting[0].server
    name = socket(server.address, server.port)
    since = min(one.client.last_time_ns or now for one in waiting)
    new = sum(not one.server.turns for one in waiting)
    fresh = f", {new} of them begun since" if new else ""
    return Overall(
        severity=Severity.WARNING,
        doubts=("the capture ended before anybody gave up",),
        fault=Fault.SERVER,
        explanation=f"{name} has answered nobody since {instant(analysis, since)}: "
        f"{some(len(waiting), 'connection')}{fresh} wait for an answer when the capture ends, for up to "
        f"{span(now - since)}. It acknowledged each request, and had never taken longer than {span(longest)} before: "
        "the program stands still, and its kernel goes on.",
        rivals=(
            cause(
                "a program that hangs, is stopped (a debugger, a signal), or waits for something behind it"
            ),
            ruled_out("the requests were lost (D09)", "they were acknowledged"),
            still_open("requests that wait for news (long poll)"),
        ),
        advice=advise(
            f"See what the program behind port {server.port} does: its threads, its log, what it waits for.",
            ss_listen_at(server.address, server.port, analysis.timers.name),
            at(server.address, analysis.timers.name, f"ss -tnpi '( sport = :{server.port} )'"),
        ),
        **of_connections(waiting),
        place=place_of_examples(analysis, [one.id for one in waiting], are_all=True),
    )
