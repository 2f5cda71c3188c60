"""Marks that the connections of a finding have in common, and that the others of the same socket lack.

"Six of 24 hang for a second" is solved by what those six share: a port that was used before, one client, an option, a
size, an instant. Each of these is a trait; it tells something where nearly all the bad ones have it and hardly any
good one.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from functools import cached_property
from itertools import chain, groupby, pairwise
from math import comb
from operator import itemgetter
from typing import TypeVar

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.model import Connection, Endpoint, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

K = TypeVar("K", bound=Hashable)

_LEAST = 3
"""With fewer on either side, a shared trait is chance."""
_NEARLY = 10
"""One in so many may be unlike the rest."""
_MOSTLY = 3
"""If all but one good one in so many began then as well, that moment tells nothing of the bad ones."""
_BY_CHANCE = 100
"""Ports form a range by chance less often than once in so many times."""
_FEW = 2
"""So many clients have ports that lie together, whatever is wrong with their connections."""
_RESERVED = 1024
"""Only privileged programs of Unix have ports below this, and some servers take no others."""
_EPHEMERAL = {32_768: "Linux", 49_152: "IANA, Windows"}
"""The first ports that systems give to clients, from which filters without memory let answers pass."""
_DOUBLINGS = 10
"""So many connections do not part into odd and even ports by chance."""
_LONG = 16 * 1024
"""Answers of less are short ones that are equal: an error page, say."""
_SEGMENT = 1460
"""Whoever counts packets with their headers, or lets none beyond a number pass, cuts off within so many bytes."""
_TIMES = 2
"""Sizes that differ by less than this factor differ by a longer name in the request, say."""
_MINUTE = 60 * SECOND
_PERIODS = {
    "each hour": 60 * _MINUTE,
    "every quarter of an hour": 15 * _MINUTE,
    "every ten minutes": 10 * _MINUTE,
    "every five minutes": 5 * _MINUTE,
    "each minute": _MINUTE,
}
"""When people have jobs begin, the longest first: one moment of an hour is one of each minute as well."""
_MOMENT = 20
"""A moment is no longer than one part in so many of a period."""
_TICK = MILLISECOND
"""No clock of time stamps in wide use ticks faster (RFC 7323, 5.4)."""
BEGAN_TOGETHER = "they all began"
"""The trait of connections that began together begins so: where they also ended together, that is told instead."""
_STEADY = 5
"""Spaces between bunches that differ by one part in so many are equal: connects come now and then."""
_BRIEF = 4
"""An instant is no longer than one part in so many of all the time in which connections began."""

_SHOWN_BY: dict[Fact, tuple[Side | None, str]] = {
    Fact.REUSED_TUPLE: (None, "each reuses a port of its client's"),
    Fact.TSVAL_BACKWARD: (Side.CLIENT, "the time stamps of the clients' SYNs go backward"),
    Fact.SYN_WITH_ECN: (Side.CLIENT, "the clients' SYNs ask for ECN"),
    Fact.SYN_WITH_FAST_OPEN: (Side.CLIENT, "the clients' SYNs carry the option of TCP Fast Open"),
    Fact.SYN_WITH_MULTIPATH: (Side.CLIENT, "the clients' SYNs ask for Multipath TCP"),
    Fact.SYN_CHECKSUM_WRONG: (Side.CLIENT, "the checksums of the clients' SYNs are wrong"),
    Fact.BAD_CHECKSUM: (Side.CLIENT, "the clients' checksums are wrong"),
    Fact.FAST_OPEN: (None, "data travels with the SYN (TCP Fast Open)"),
    Fact.OVERSIZED_SEGMENTS: (Side.CLIENT, "the clients' segments are larger than the MSS"),
}
"""Traits that are facts: whose, and in words."""


def _window_scale(client: Endpoint) -> object:
    """Return the scale of its SYN; nothing where that was not captured, and may have had one."""
    if client.window_scale is not None or client.isn is None:
        return client.window_scale
    return "absent"


_SAME: dict[str, Callable[[Endpoint], object]] = {
    "they are all from {}": lambda client: client.address,
    "their clients' MSS is {}": lambda client: client.mss,
    "their clients' window scale is {}": _window_scale,
    "their clients' packets arrive with TTL {}": lambda client: client.ttl,
}
"""Traits that are values: what is the same of all bad ones, and another of all good ones."""


class Neighbours:
    """The connections of each server's socket, of each client, and between both; none where they are too many to go
    through."""

    def __init__(self, analysis: Analysis) -> None:
        """Ask nothing yet."""
        self._analysis = analysis

    def of(self, socket: tuple[str, int]) -> list[Connection]:
        """Return all connections to a socket."""
        return self._by_socket.get(socket, [])

    def of_client(self, address: str) -> list[Connection]:
        """Return all connections that an address asked for."""
        return self._by_client.get(address, [])

    def of_both(self, client: str, socket: tuple[str, int]) -> list[Connection]:
        """Return all connections of a client to a socket."""
        return self._by_both.get((client, socket), [])

    def between(self, client: str, server: str) -> list[Connection]:
        """Return all connections of a client to a server's host."""
        return self._by_hosts.get((client, server), [])

    def every(self) -> Iterator[Connection]:
        """Go through all connections."""
        return chain.from_iterable(self._by_socket.values())

    @cached_property
    def _by_client(self) -> dict[str, list[Connection]]:
        return _by(lambda one: one.client.address, self.every())

    @cached_property
    def _by_both(self) -> dict[tuple[str, tuple[str, int]], list[Connection]]:
        return _by(lambda one: (one.client.address, (one.server.address, one.server.port)), self.every())

    @cached_property
    def _by_hosts(self) -> dict[tuple[str, str], list[Connection]]:
        return _by(lambda one: (one.client.address, one.server.address), self.every())

    @cached_property
    def _by_socket(self) -> dict[tuple[str, int], list[Connection]]:
        return by_socket(self._analysis) if is_few(self._analysis) else {}


def by_socket(analysis: Analysis) -> dict[tuple[str, int], list[Connection]]:
    """Return all connections, by the server's address and port: slow where there are many."""
    return _by(lambda one: (one.server.address, one.server.port), analysis.connections())


def by_client(analysis: Analysis) -> dict[str, list[Connection]]:
    """Return all connections, by the client's address: slow where there are many."""
    return _by(lambda one: one.client.address, analysis.connections())


def _by(key: Callable[[Connection], K], connections: Iterable[Connection]) -> dict[K, list[Connection]]:
    found: defaultdict[K, list[Connection]] = defaultdict(list)
    for one in connections:
        found[key(one)].append(one)
    return found


def in_common(
    all: list[Connection], bad_ids: Collection[int], of_client: Collection[Connection] = ()
) -> tuple[str, ...]:
    """Name what the bad ones among the connections of a socket share, unlike the good ones.

    A client with a clock for each connection counts backward now and then, and nobody minds: where that shows on one
    of its connections elsewhere (``of_client``) that was answered, it tells nothing here.
    """
    bad = [one for one in all if one.id in bad_ids]
    good = [one for one in all if one.id not in bad_ids]
    if min(len(bad), len(good)) < _LEAST:
        return ()
    unminded = any(was_taken_backward(one) for one in bad) or any(
        is_shown(one, Fact.TSVAL_BACKWARD, Side.CLIENT) and one.server.bytes
        for one in of_client
        if one.id not in bad_ids
    )
    return tuple(_traits(bad, good, frozenset({Fact.TSVAL_BACKWARD} if unminded else ())))


def was_taken_backward(one: Connection) -> bool:
    """Say whether a SYN was answered in the end with its clock still behind: then that is not why others were not.

    A socket in TIME_WAIT, and the memory of an address, last a minute: after that any time stamp is taken.
    """
    stamp = sighting(one, Fact.TSVAL_BACKWARD)
    took = one.connect_ns
    if stamp is None or not stamp.figure or not one.syn_copies or took is None or not one.server.bytes:
        return False
    return took < _MINUTE and took // _TICK < stamp.figure


def _traits(bad: list[Connection], good: list[Connection], unminded: frozenset[Fact]) -> Iterator[str]:
    for fact, (side, words) in _SHOWN_BY.items():
        if fact in unminded:
            continue
        shown, elsewhere = ([is_shown(one, fact, side) for one in many] for many in (bad, good))
        if _tells(shown, elsewhere):
            yield words
        elif all(shown) and 2 * elsewhere.count(True) <= len(good):
            yield f"{words} (as do {elsewhere.count(True)} of the other {len(good)})"
    for words, value in _SAME.items():
        values = {value(one.client) for one in bad}
        others = [value(one.client) for one in good]
        only = next(iter(values))
        if len(values) == 1 and only is not None and others.count(only) * _NEARLY <= len(others):
            yield words.format(only)
    at_once = tuple(_instant(bad, good))
    yield from at_once
    if not at_once:  # else their ports were given out one after the other
        yield from tuple(_each_time(bad, good)) or _bunches(bad, good)
        yield from _ports(bad, good)
    yield from _size(bad, good)
    yield from _same_length(bad, good)


def _tells(bad: list[bool], good: list[bool]) -> bool:
    return bad.count(False) * _NEARLY <= len(bad) and good.count(True) * _NEARLY <= len(good)


def _instant(bad: list[Connection], good: list[Connection]) -> Iterator[str]:
    """Tell of one stretch of time in which all the bad ones began, and no good one."""
    began, others = [one.first_time_ns for one in bad], [one.first_time_ns for one in good]
    first, last = min(began), max(began)
    whole = max(last, *others) - min(first, *others)
    if (last - first) * _BRIEF <= whole and _is_apart(began, others):
        yield BEGAN_TOGETHER + (f" within {span(last - first)}" if last > first else " at one instant")


def _each_time(bad: list[Connection], good: list[Connection]) -> Iterator[str]:
    """Tell of one moment of each minute, or the like, at which those of several clients began: of jobs that a clock
    starts. Where most good ones began then as well, all of them come in that rhythm."""
    if len({one.client.address for one in bad}) <= _FEW:
        return
    began = [one.first_time_ns for one in bad]
    for words, period in _PERIODS.items():
        start = min(began, key=lambda time: (time - began[0] + period // 2) % period)
        phases = [(time - start) % period for time in began]
        around = period // _MOMENT
        if max(phases) > around or len({(time - start) // period for time in began}) < _LEAST:
            continue
        inside = sum((one.first_time_ns - start + around) % period <= 2 * around for one in good)
        if inside * _MOSTLY <= (_MOSTLY - 1) * len(good):
            also = f" (as did {inside} of the other {len(good)})" if inside else ""
            yield f"they all began within {span(max(max(phases), _TICK))} of one moment of {words}{also}"
        return


def _bunches(bad: list[Connection], good: list[Connection]) -> Iterator[str]:
    """Tell of stretches of time at steady distances in which all the bad ones began, and no good one."""
    began = sorted([(one.first_time_ns, True) for one in bad] + [(one.first_time_ns, False) for one in good])
    bunches = [[at for at, _ in run] for is_bad, run in groupby(began, key=itemgetter(1)) if is_bad]
    if len(bunches) < _LEAST or len(bad) < 2 * len(bunches):
        return
    spaces = [later[0] - sooner[0] for sooner, later in pairwise(bunches)]
    mean = sum(spaces) // len(spaces)
    if all(abs(each - mean) * _STEADY <= mean for each in spaces) and all(
        2 * (bunch[-1] - bunch[0]) <= mean for bunch in bunches
    ):
        yield f"they began in {len(bunches)} bunches, about {span(mean)} apart, and none of the others did so then"


def _is_apart(some: list[int], others: list[int]) -> bool:
    """Say whether some numbers have none of the others between them."""
    return not any(min(some) <= other <= max(some) for other in others)


def _ports(bad: list[Connection], good: list[Connection]) -> Iterator[str]:
    """Tell of a range of the clients' ports that holds all the bad ones and no good one, or of odd and even ones.

    A bundle of links chooses one of them by such a bit; a translation may hand out ports that are in use elsewhere.
    A client or two that nobody else shares give out their ports one after the other: that tells nothing. Nor does a
    range of those that came one after the other: ports rise with time.
    """
    clients = {one.client.address for one in bad}
    ports, others = [one.client.port for one in bad], [one.client.port for one in good]
    if max(others) < _RESERVED <= min(ports) or max(ports) < _RESERVED <= min(others):
        few, more = ("1024 or above", "below") if min(ports) >= _RESERVED else ("below 1024", "not")
        yield f"their clients' ports are {few}, and those of the others {more} (reserved ports)"
        return
    of_them = [one.first_time_ns for one in good if one.client.address in clients]
    if len(clients) <= _FEW and not of_them:
        return
    first, last = min(ports), max(ports)
    if last > first and _is_apart(ports, others):
        if _is_apart([one.first_time_ns for one in bad], of_them or [one.first_time_ns for one in good]):
            return
        if (len(others) + 1) * _BY_CHANCE <= comb(len(ports) + len(others), len(ports)):
            below = _below_ephemeral(last, min(others))
            yield f"their clients' ports are all between {first} and {last}, and those of the others are not{below}"
        return
    parities, elsewhere = {port % 2 for port in ports}, {port % 2 for port in others}
    if len(parities) == len(elsewhere) == 1 and parities != elsewhere and len(bad) + len(good) > _DOUBLINGS:
        yield f"their clients' ports are {'odd' if 1 in parities else 'even'}, and those of the others are not"


def _below_ephemeral(last: int, least: int) -> str:
    """Name a filter without memory, where the first ephemeral port of a system lies between the bad and the good."""
    first = next((port for port in _EPHEMERAL if last < port <= least), None)
    if first is None:
        return ""
    return (
        f" (source ports below {first:,}, the first for clients by {_EPHEMERAL[first]}: a filter without memory may "
        "let answers pass from there on only)"
    )


def _said(one: Connection) -> int:
    """Return how many bytes a client had to say; resent bytes do not count."""
    return one.client.bytes - one.client.retransmitted_bytes


def _size(bad: list[Connection], good: list[Connection]) -> Iterator[str]:
    """Tell of clients that sent far more than any of a good connection, or more than a segment where none of those
    did, and of requests of one length where none was answered, and of another elsewhere."""
    least, most = min(map(_said, bad)), max(map(_said, good))
    segments = [one.client.mss for one in bad if one.client.mss]
    is_cut = bool(segments) and most <= min(segments) and max(segments) < least
    if least > most > 0 and (least >= _TIMES * most or is_cut):
        yield f"their clients sent {least:,} bytes or more, and those of the others {most:,} at most"
        return
    asked, others = set(map(_request, bad)), set(map(_request, good))
    # Else a request may tell of its answer, which matters.
    is_unheard = not any(one.server.bytes for one in bad)
    if is_unheard and len(asked) == len(others) == 1 and asked != others and None not in asked | others:
        yield f"their clients' requests have {asked.pop():,} bytes each, and those of the others {others.pop():,}"


def _request(one: Connection) -> int | None:
    """Return how long the only request of a connection is, in bytes; ``None`` where it has another number of them."""
    return _said(one) if one.client.turns == 1 and not one.client.unacknowledged_bytes else None


def _same_length(bad: list[Connection], good: list[Connection]) -> Iterator[str]:
    """Tell of answers that broke off, at one octet or within a segment of it, where no good one is so long."""
    lengths = {one.server.bytes - one.server.retransmitted_bytes for one in bad}
    least, most = min(lengths), max(lengths)
    is_longer = all(one.server.bytes < least for one in good)
    is_same = most - least <= _SEGMENT and (most - least) * _BY_CHANCE <= least
    if is_same and least >= _LONG and is_longer and all(map(_broke_off, bad)):
        length = f"exactly {least:,}" if least == most else f"{least:,} to {most:,}"
        yield f"each broke off after {length} bytes from the server, and none of the others had so many"


def _broke_off(one: Connection) -> bool:
    """Say whether an answer ended otherwise than by its sender's FIN with all of it acknowledged, or in a pause."""
    if is_shown(one, Fact.RST_SENT) or one.server.unacknowledged_bytes or one.server.unseen_bytes:
        return True
    return is_shown(one, Fact.FIN_SENT, Side.CLIENT) and not is_shown(one, Fact.FIN_SENT, Side.SERVER)
