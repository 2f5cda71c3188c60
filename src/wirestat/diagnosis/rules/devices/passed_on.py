"""Proxies that keep a client's connection when the server behind has closed its own, and reset the next request."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.registry import also_of_captures
from wirestat.diagnosis.rivals import cause, still_open, unlikely
from wirestat.diagnosis.shown import closed_first, is_shown, sighting
from wirestat.diagnosis.study.common import by_client
from wirestat.diagnosis.together import SHOWN
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket

_EACH = 3
"""Fewer may be chance."""
_SOON = 5 * MILLISECOND
"""A proxy calls the server behind it so soon after it has accepted."""
_SILENCE = 2 * SECOND
"""A shorter silence is none that a time-out ends."""

Socket = tuple[str, int]


class _Pair(NamedTuple):
    """A client's connection that a proxy reset, and the one behind it."""

    front: Connection
    back: Connection
    closed_ns: int
    """When the server behind closed, in Unix ns."""
    reset_ns: int


@also_of_captures("D07")
def close_is_not_passed_on(analysis: Analysis) -> Iterator[Overall]:
    """A proxy resets what comes after a silence, on connections whose other half was closed within that silence."""
    if not is_few(analysis):
        return
    reset = [one for one in analysis.connections() if is_shown(one, Fact.RST_AFTER_IDLE, Side.SERVER)]
    called = by_client(analysis) if len(reset) >= _EACH else {}
    begun = {address: sorted(each, key=lambda one: one.first_time_ns) for address, each in called.items()}
    pairs: defaultdict[tuple[Socket, Socket], list[_Pair]] = defaultdict(list)
    for front in reset:
        if (pair := _pair(front, begun.get(front.server.address, []))) is not None:
            sockets = tuple((one.server.address, one.server.port) for one in (pair.front, pair.back))
            pairs[sockets[0], sockets[1]].append(pair)
    for alike in pairs.values():
        if len(alike) >= _EACH:
            yield _tell(analysis, alike)


def _pair(front: Connection, called: list[Connection]) -> _Pair | None:
    """Return the one connection that a server opened as it accepted another, if it was closed meanwhile."""
    drawn = sighting(front, Fact.RST_AFTER_IDLE, Side.SERVER)
    accepted = front.first_time_ns + (front.connect_ns or 0)
    first = bisect_left(called, front.first_time_ns, key=lambda one: one.first_time_ns)
    last = bisect_left(called, accepted + _SOON, key=lambda one: one.first_time_ns)
    if drawn is None or last - first != 1 or (drawn.figure or 0) < _SILENCE:
        return None
    back = called[first]
    closed = sighting(back, Fact.FIN_SENT, Side.SERVER)
    if closed is None or not closed_first(back, Side.SERVER) or back.server.address == front.server.address:
        return None
    is_within = drawn.time_ns - (drawn.figure or 0) < closed.time_ns < drawn.time_ns - SECOND
    return _Pair(front, back, closed.time_ns, drawn.time_ns) if is_within else None


def _tell(analysis: Analysis, pairs: list[_Pair]) -> Overall:
    one, system = pairs[0], analysis.timers.name
    proxy, behind = one.front.server, socket(one.back.server.address, one.back.server.port)
    name = socket(proxy.address, proxy.port)
    before = [pair.reset_ns - pair.closed_ns for pair in pairs]
    fronts = [pair.front for pair in pairs]
    return Overall(
        doubts=("that the two connections belong together shows by their times alone",),
        severity=Severity.WARNING,
        fault=Fault.SERVER,
        frames=(one.front.first_frame, one.back.first_frame, one.front.last_frame),
        explanation=f"{len(pairs):,} connections to {name} were reset at their next request, after a silence. As it "
        f"accepted each, {proxy.address} had opened one to {behind}, which {behind} closed {span(min(before))} or "
        f"more before that request: {proxy.address} stands between, and has not passed that close on to its client.",
        rivals=(
            cause(
                "a proxy that keeps one side when the other is closed",
                f"{behind} closed its own in the silence, by a time-out perhaps",
            ),
            still_open("a time-out of the proxy's own that fires at the request"),
            unlikely(
                "an idle time-out on the way (D08)",
                "the connection behind was closed in good order meanwhile",
            ),
        ),
        advice=advise(
            f"Have {proxy.address} close its client's side when {behind} closes, or give what is idle in front less "
            "time than behind.",
            at(proxy.address, system, f"ss -tnop state established '( sport = :{proxy.port} )'"),
        ),
        display_filter=filters.of_server(proxy.address, proxy.port, [front.client.port for front in fronts]),
        count=len(pairs),
        examples=tuple(front.id for front in fronts[:SHOWN]),
        place=Place(name, None, one.reset_ns),
        replaces=frozenset({"D07", "D16", "D27", "D30", "D08"}),
        absorbs=frozenset(front.id for front in fronts),
    )
