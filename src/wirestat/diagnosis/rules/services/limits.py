"""Sockets at their limit of connections: who comes while so many others are open is turned away."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import msgspec

from wirestat.diagnosis.advice import advise, at, ss_listen_at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.registry import also_of_captures
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.rules.services.penalties import shut_out
from wirestat.diagnosis.rules.services.turned_away import is_turned_away, left_at_once
from wirestat.diagnosis.shown import let_go
from wirestat.diagnosis.study.common import by_socket
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity, Side
from wirestat.timers import MILLISECOND
from wirestat.words import socket, some

_SEVERAL = 3
"""Of fewer, it is chance how many others were open."""
_INSTANT = 100 * MILLISECOND
"""Connections that end within this time end together."""
_NEARLY = 10
"""All but one in so many."""
_SESSIONS = frozenset({5432, 6432})
"""Ports of PostgreSQL and PgBouncer: no session there is over with one answer, as one of HTTP may be."""


class _Full(msgspec.Struct, frozen=True):
    """A socket that turned clients away as long as so many others were open."""

    turned_away: list[Connection]
    open_least: int
    """How many others were open, at least, when one of these came."""
    open_most: int
    """How many were, at most, when somebody else came."""
    holders: frozenset[str]
    """The clients of those others."""
    is_over: bool
    """Whether somebody was let in after the last of them."""


@also_of_captures("D35")
def at_its_limit(analysis: Analysis) -> Iterator[Overall]:
    """Tell of sockets that close on whoever comes while so many connections are open, or on one address."""
    if not is_few(analysis):
        return
    for connections in by_socket(analysis).values():
        if len(connections) > 2 * _SEVERAL and (full := _full(connections)):
            yield _turns_away(analysis, full)
        yield from shut_out(analysis, connections)


def _full(connections: list[Connection]) -> _Full | None:
    opened = [one for one in connections if one.connect_ns is not None]
    away = [one for one in opened if is_turned_away(one)]
    if len(away) < _SEVERAL or len({one.server.bytes for one in away}) > 1:
        return None  # a limit gives all of them the same words, or none
    words = away[0].server.bytes
    if words:  # a client that reads why may be gone before the server is
        away += [one for one in opened if one.server.bytes == words and left_at_once(one)]
    ids = {one.id for one in away}
    others = [one for one in opened if one.id not in ids]
    if all(one.client.bytes and one.server.bytes for one in away):
        served = {one.client.address for one in others if one.server.bytes}
        if served.isdisjoint(one.client.address for one in away):
            return None  # who always gets such an answer may be served by it: a check, say
    first, last = (edge(one.first_time_ns for one in away) for edge in (min, max))
    before = sum(one.first_time_ns < first for one in others)
    after = any(one.first_time_ns > last for one in others)
    if before < _SEVERAL or (words and any(one.server.bytes == words for one in others)):
        return None  # others hear the same: it may be how this service ends
    if not after and words and any(one.client.bytes for one in away) and away[0].server.port not in _SESSIONS:
        return None  # nobody was let in again: what is answered so may be another kind of request
    began, ended = sorted(one.first_time_ns for one in others), sorted(map(_ended_ns, others))

    def were_open(at_ns: int) -> int:
        return bisect_left(began, at_ns) - bisect_right(ended, at_ns)

    least = min(were_open(one.first_time_ns) for one in away)
    most = max(were_open(one.first_time_ns) for one in others)
    stayed = sum(were_open(_ended_ns(one) + _INSTANT) > most for one in away)
    if least < _SEVERAL or least <= most or stayed * _NEARLY < len(away) * (_NEARLY - 1):
        return None  # or the others ended with them: the program did
    holders = {one.client.address for one in others if one.first_time_ns < last and _ended_ns(one) > first}
    return _Full(away, least, most, frozenset(holders), after)


def _ended_ns(one: Connection) -> int:
    """Return when either end closed or reset, in Unix ns; one that lasts longer than the capture ends behind it."""
    ends = (end.time_ns for side in Side if (end := let_go(one, side)) is not None)
    return min(ends, default=one.last_time_ns + 2**62)


def _turns_away(analysis: Analysis, full: _Full) -> Overall:
    away, server = full.turned_away, full.turned_away[0].server
    name, system = socket(server.address, server.port), analysis.timers.name
    said = f"with the same {server.bytes:,} bytes" if server.bytes else "without a word"
    whose = f", all of them of {next(iter(full.holders))}" if len(full.holders) == 1 else ""
    return Overall(
        severity=Severity.WARNING,
        doubts=(
            "only the server's own settings tell its limit",
            *(() if full.is_over else ("whether it lets in again once others have left does not show",)),
        ),
        fault=Fault.UNDECIDED,
        explanation=f"{name} closed {some(len(away), 'connection')} at once, each {said}: they all came while "
        f"{full.open_least:,} others or more were open{whose}. When fewer were, {full.open_most:,} at most, it "
        "closed on nobody so: a limit of connections, it seems, taken up by those others.",
        rivals=(
            cause("a limit of connections of the service (maxclients, max_connections)"),
            cause("a pool that opens connections and gives none back, or is too large for the service"),
            still_open("a limit of connections of one client, or of a packet filter (connlimit)"),
            ruled_out("an access list, or another protocol", "others are served before and after")
            if full.is_over
            else still_open(
                "a backend, an access list or a shutdown since then", "nobody came after others left"
            ),
        ),
        advice=advise(
            "See who holds the connections, and whether they are used; set the pools of all clients together below "
            "the server's limit.",
            at(server.address, system, f"ss -tno state established '( sport = :{server.port} )'"),
            ss_listen_at(server.address, server.port, system),
        ),
        **of_connections(away),
        place=place_of_examples(analysis, [one.id for one in away], are_all=True),
        replaces=frozenset({"D12", "D16", "D17", "D27", "D30", "D35"}),
        absorbs=frozenset(one.id for one in away),
    )
