"""Two hosts between which nothing got through for seconds, in one direction or in both: one finding for all of it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import msgspec

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.silence.meanwhile import STALLS, TOLD_ELSEWHERE
from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.diagnosis.together import SHOWN
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import instant
from wirestat.model import Connection, Endpoint, Fault, Severity, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 3
"""Fewer connections that stand at one moment may do so by chance."""
_LONG = 2 * SECOND
"""All of them stand for so long together."""
_SETTLED = SECOND
"""A connection that is no older may not have been let in yet: a full accept queue looks the same."""
_SOON = 10 * MILLISECOND
"""An answer that comes so soon after the last copy, beyond what the way takes, answers that copy."""


class _Stand(msgspec.Struct, frozen=True):
    """A connection on which an end asked in vain, and was answered later."""

    one: Connection
    from_ns: int
    """When it asked first, or its first copy was sent, in Unix ns."""
    until_ns: int
    """When it was answered."""
    frame: int
    is_connect: bool

    @property
    def half_ns(self) -> int:
        """The time between copies doubles: its last copy in vain was sent after this instant."""
        return self.from_ns + (self.until_ns - self.from_ns) // 2


class _Cut(msgspec.Struct, frozen=True):
    """Stands of one pair of hosts that have a stretch of time in common."""

    stands: list[_Stand]
    from_ns: int
    """When the first of them began, in Unix ns."""
    until_ns: int
    """When the first of them was answered."""


def severed(analysis: Analysis, told: Collection[int]) -> Iterator[Overall]:
    """Judge each pair of hosts by all connections between them but those that are told of already."""
    by_pair: defaultdict[tuple[str, ...], list[Connection]] = defaultdict(list)
    for one in analysis.connections():
        by_pair[tuple(sorted((one.client.address, one.server.address)))].append(one)
    for connections in by_pair.values():
        cut = _cut(connections) if len(connections) >= _SEVERAL else None
        if (
            cut is None
            or any(stand.one.id in told for stand in cut.stands)
            or _gets_through(cut, connections)
        ):
            continue
        deaf = _deaf(cut, connections)
        if deaf is not None or len({stand.is_connect for stand in cut.stands}) > 1:
            yield _tell(analysis, cut, deaf)


def _cut(connections: list[Connection]) -> _Cut | None:
    """Return the stands that share one instant, where they are several, last together, and end as one."""
    stands = sorted((stand for one in connections for stand in _stands(one)), key=lambda one: one.from_ns)
    if len(stands) < _SEVERAL:
        return None
    most = _most_at_once(stands)
    if len({stand.one.id for stand in most}) < _SEVERAL:
        return None
    last, until = most[-1].from_ns, min(stand.until_ns for stand in most)
    if until - last < _LONG or any(stand.half_ns > until for stand in most):
        return None
    return _Cut(most, most[0].from_ns, until)


def _most_at_once(stands: Sequence[_Stand]) -> list[_Stand]:
    """Return those of some stands, in the order of their beginnings, that were open when most of them were."""
    ends = sorted(stand.until_ns for stand in stands)
    begun = max(range(len(stands)), key=lambda place: place + 1 - bisect_right(ends, stands[place].from_ns))
    at_ns = stands[begun].from_ns
    return [stand for stand in stands[: begun + 1] if stand.until_ns > at_ns]


def _stands(one: Connection) -> Iterator[_Stand]:
    took = one.connect_ns
    if one.syn_copies and took is not None and took >= SECOND:
        yield _Stand(one, one.first_time_ns, one.first_time_ns + took, one.first_frame, is_connect=True)
        return
    for side in Side:
        over = next((seen for fact in STALLS if (seen := sighting(one, fact, side))), None)
        if over is None or any(is_shown(one, fact, side) for fact in TOLD_ELSEWHERE):
            continue
        from_ns = over.time_ns - (over.figure or 0)
        waited = any(is_shown(one, fact) for fact in (Fact.ZERO_WINDOW, Fact.SYN_ACK_RESENT_AFTER_ACK))
        if not waited and from_ns - one.first_time_ns >= _SETTLED:
            yield _Stand(one, from_ns, over.time_ns, over.frame, is_connect=False)


def _gets_through(cut: _Cut, connections: list[Connection]) -> bool:
    """Say whether a connection between the two was opened at once while the others stood."""
    return any(
        not one.syn_copies
        and one.connect_ns is not None
        and cut.from_ns < one.first_time_ns < cut.until_ns - one.connect_ns
        for one in connections
    )


def _deaf(cut: _Cut, connections: list[Connection]) -> Endpoint | None:
    """Return the end that did not hear the other, where that is known to have heard it meanwhile."""
    trips = [one.syn_to_syn_ack_ns for one in connections if one.syn_to_syn_ack_ns and not one.syn_copies]
    trip = min(trips, default=0)
    shown = [
        end
        for one in connections
        for end in (one.client, one.server)
        if _is_answered_in_vain(one, end, cut, trip)
    ]
    return shown[0] if len({end.address for end in shown}) == 1 else None


def _is_answered_in_vain(one: Connection, end: Endpoint, cut: _Cut, trip: int) -> bool:
    """Say whether an end asked again for what the other is seen to have answered, or must have."""
    side = Side.CLIENT if end is one.client else Side.SERVER
    asked_again = sighting(one, Fact.SYN_RESENT_AFTER_SYN_ACK, side)
    looped = None if is_shown(one, Fact.RST_SENT) else sighting(one, Fact.RESET_LOOP, side)
    if any(seen and cut.from_ns <= seen.time_ns <= cut.until_ns for seen in (asked_again, looped)):
        return True
    answered = sighting(one, Fact.SYN_ACK_OF_EARLIER_SYN, Side.SERVER)
    if side is Side.SERVER or answered is None or not trip or one.syn_copies < 2:
        return False
    # Answers that a link held up come when that wakes, and not just after a copy.
    is_at_once = (one.syn_to_syn_ack_ns or 0) <= 2 * trip + _SOON
    return is_at_once and one.first_time_ns < cut.until_ns <= answered.time_ns


def _tell(analysis: Analysis, cut: _Cut, deaf: Endpoint | None) -> Overall:
    stands = cut.stands
    one = stands[0].one
    asker, other = one.client.address, one.server.address
    if deaf is not None and deaf.address != asker:
        asker, other = other, asker
    ids = list(dict.fromkeys(stand.one.id for stand in stands))
    length = f"for some {span(cut.until_ns - cut.from_ns)}, from {instant(analysis, cut.from_ns)} on"
    if deaf is None:
        told = f"Nothing got through between {asker} and {other}, in one direction or in both, {length}"
        doubt = "one capture does not tell which direction was cut off, or whether a host stood still"
    else:
        told = f"Nothing of {other} got through to {asker} {length}, and the way there worked"
        doubt = "one capture does not tell where on the way back"
    sockets = sorted({(stand.one.server.address, stand.one.server.port) for stand in stands})
    return Overall(
        severity=Severity.WARNING,
        doubts=(doubt,),
        fault=Fault.UNDECIDED if deaf is None else Fault.PATH,
        frames=tuple(sorted({stand.frame for stand in stands[:SHOWN]})),
        explanation=f"{told}{_proof(deaf, other)}. {_strikes(stands)}: then all went on.",
        rivals=_rivals(deaf, asker, other),
        advice=advise(
            f"See what happened on the way from {other} to {asker} at that time: a route, a filter, a link."
            if deaf is not None
            else f"See what happened between {asker} and {other} at that time, and whether the copies arrive at "
            "the other end.",
            at(other, analysis.timers.name, f"ip route get {asker}; ip -s link"),
            at(asker, analysis.timers.name, f"tcpdump -ni any -w there.pcap host {other}"),
        ),
        display_filter=filters.of_sockets(sockets, filters.address(one.client.address)),
        count=len(ids),
        examples=tuple(ids[:SHOWN]),
        place=Place(one.server.address, None, cut.from_ns),
        replaces=frozenset({"D34", "D56"}),
        absorbs=frozenset(ids),
        is_for_one_point=True,
    )


def _proof(deaf: Endpoint | None, other: str) -> str:
    return "" if deaf is None else f": {other} answered, and was asked for the same again and again"


def _strikes(stands: Sequence[_Stand]) -> str:
    """Say what stood, and what had to be asked for again."""
    connects = len({stand.one.id for stand in stands if stand.is_connect})
    data = len({stand.one.id for stand in stands if not stand.is_connect})
    parts = [f"data on {some(data, 'connection')} stood"] if data else []
    if connects:
        parts.append(f"{some(connects, 'connect')} needed {'more SYNs' if connects > 1 else 'another SYN'}")
    words = ", and ".join(parts)
    return words[0].upper() + words[1:]


def _rivals(deaf: Endpoint | None, asker: str, other: str) -> tuple[Rival, ...]:
    several = "several connections stood at one moment"
    if deaf is None:
        return (
            cause("a link, a route or a filter between the two, in one direction or in both"),
            still_open(f"{other} or {asker} stood still for that time (paused, overloaded)"),
            unlikely("chance loss", several),
        )
    return (
        cause("a route, a link or a filter that failed in that direction alone"),
        still_open(f"a host filter or a full queue of {asker} that throws away what arrives"),
        ruled_out(f"{other} stood still", "it answered"),
        ruled_out(f"the way to {other} was down", "it answered"),
        unlikely("chance loss", several),
    )
